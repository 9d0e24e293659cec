"""Every rule has its story, and the page shows the stories as they run."""

import re
from pathlib import Path

from detectors.catalogue import catalogue

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "stories.md"


def story(detector: object) -> Path:
    """The file in which a rule's story stands: it has the name of the rule's own."""
    return HERE / f"test_{type(detector).__module__.rpartition('.')[2]}.py"


def test_every_rule_has_a_story_and_the_page_links_to_it() -> None:
    """Law: a rule without a case told from report to warning is not done."""
    linked = set(re.findall(r"\]\(\.\./tests/stories/(\w+\.py)\)", PAGE.read_text("utf-8")))
    assert {story(detector).name for detector in catalogue()} == linked
    assert all((HERE / name).is_file() for name in linked)


def test_the_page_shows_stories_as_they_run() -> None:
    """Law: what the page prints below a file's name is that file, to the letter."""
    shown = re.findall(
        r"^### `tests/stories/(\w+\.py)`\n\n```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
    )
    assert len(shown) >= 3
    for name, text in shown:
        assert text == (HERE / name).read_text("utf-8"), name
