"""Every story of this folder, acted out against the sandbox. After each of them one more cycle must find nothing to write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from tests.stories.language import Story, read
from tests.stories.stage import Stage

STORIES = [story for path in sorted(Path(__file__).parent.glob("*.yaml")) for story in read(path)]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{Path(story.file).stem}: {story.title}")
def test_story(story: Story, stage_of: Callable[[Story], AbstractContextManager[Stage]]) -> None:
    with stage_of(story) as stage:
        stage.play(story)
        stage.check(story.after)
        if story.restless is None:
            stage.begin()
            stage.world.cycle()
            assert stage.writes() == [], "a further cycle writes again"
