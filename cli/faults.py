"""Which exceptions are a person's to mend, and how they are said: one line on stderr, never a traceback.

Law kept: only what is known here is caught; anything else is a fault of hazflow's own and shows its traceback.
The engine's exceptions are known by name, so that saying them imports nothing.
"""

from __future__ import annotations

from typing import Final

from cli.verb import Exit, Refused

_KNOWN: Final[dict[tuple[str, str], tuple[Exit, str]]] = {
    ("streams.settings", "SettingFault"): (Exit.USAGE, "设置有误 · setting"),
    ("streams.database", "DatabaseFault"): (Exit.UNAVAILABLE, "数据库 · database"),
    ("streams.codec", "NewerState"): (Exit.UNAVAILABLE, "状态由更新的版本写成 · state"),
    ("streams.broker.topics", "TopicFault"): (Exit.UNAVAILABLE, "Kafka 主题 · topics"),
    ("streams.model_files", "NoSuchModel"): (Exit.UNAVAILABLE, "缺少模型 · model"),
    ("streams.providers", "ProvidersFault"): (Exit.USAGE, "提供者名册有误 · providers"),
    ("routing.unusable", "Unusable"): (Exit.USAGE, "分派办法不予采用 · routing policy"),
    ("detectors.policy", "PolicyFault"): (Exit.USAGE, "规则办法不予采用 · policy"),
    ("models.artefact", "ArtefactRefused"): (Exit.USAGE, "模型文件不予采用 · model"),
    ("models.scored", "ScoredRefused"): (Exit.USAGE, "评分文件不予采用 · scored unit-days"),
    ("models.fit", "TooLittle"): (Exit.FOUND, "训练数据太少 · too little to train on"),
    ("events.log", "BadLine"): (Exit.USAGE, "日志行有误 · log"),
    ("msgspec", "ValidationError"): (Exit.USAGE, "文件内容不符 · file"),
    ("msgspec", "DecodeError"): (Exit.USAGE, "文件无法读取 · file"),
    ("gzip", "BadGzipFile"): (Exit.USAGE, "不是 gzip 文件 · file"),
    ("sqlite3", "Error"): (Exit.UNAVAILABLE, "数据库 · database"),
    ("builtins", "FileNotFoundError"): (Exit.USAGE, "找不到文件 · no such file"),
    ("builtins", "IsADirectoryError"): (Exit.USAGE, "这是文件夹 · a folder, not a file"),
    ("builtins", "EOFError"): (Exit.USAGE, "文件不完整 · file"),
    ("builtins", "OSError"): (Exit.UNAVAILABLE, "系统 · system"),
}


def known(error: BaseException) -> tuple[Exit, str] | None:
    """The exit code and the line for a fault that a person can mend; None for any other.

    >>> known(FileNotFoundError(2, "No such file or directory", "a.toml"))[1]
    '找不到文件 · no such file: a.toml'
    >>> known(ZeroDivisionError()) is None
    True
    """
    if isinstance(error, Refused):
        return error.code, str(error)
    for kind in type(error).__mro__:
        found = _KNOWN.get((kind.__module__, kind.__name__))
        if found is not None:
            code, head = found
            return code, f"{head}: {_text(error)}"
    return None


def _text(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError | IsADirectoryError) and error.filename is not None:
        return str(error.filename)
    return str(error)
