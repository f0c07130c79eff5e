"""What plugins, hooks and templates throw, said as a mistake in the file that it comes from."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import jinja2
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from kbgen import frontmatter, programs
from kbgen.mkdocs_bridge.sources import shown_source
from kbgen_search.errors import KbError

Place = tuple[str, int | None]
AT_WORK_ON = ("_build_page", "_populate_page")


@contextmanager
def told(what: str, file: str = "") -> Iterator[None]:
    """Raise a KbError for whatever others' code throws inside the block.

    It names the hook or template of the site's own that was at work; else `file`, the article for
    which `what` went wrong.
    """
    try:
        yield
    except (KbError, AssertionError):
        raise
    except OSError as error:
        if _is_of_disk(error) and not place_of(error):
            raise  # to whoever says what the disk refuses
        raise trouble(error, what, file) from error
    except (Exception, SystemExit) as error:  # who ends the program would end it without a word
        raise trouble(error, what, file) from error


def trouble(error: BaseException, what: str, file: str = "") -> KbError:
    """Return the error to print for what others' code has thrown."""
    place = place_of(error)
    if place:
        return KbError(_said(error), file=place[0], line=place[1], remedy="mend it there")
    return KbError(f"{what}: {_said(error)}{_line_at(error)}", file=file or _article(error) or None)


def place_of(error: BaseException) -> Place | None:
    """Return file and line of the site's own code that threw; None when that was installed code."""
    if isinstance(error, SyntaxError | jinja2.TemplateSyntaxError) and error.filename:
        found = [(error.filename, error.lineno)]
    else:
        found = [(name, line) for name, line in _steps(error) if not name.startswith("<")]
    own = [place for place in found if not programs.is_installed(place[0])]
    return own[-1] if own else None


def missing_icon(page: Page, name: str) -> KbError:
    """Return the error for an icon that an article names and the theme does not have."""
    line = frontmatter.line_of(page.file.content_string, "icon")
    remedy = "choose one of the theme's, such as material/help"
    return KbError(
        f"there is no icon `{name}`", file=shown_source(page), line=line or None, remedy=remedy
    )


def file_of(file: File) -> str:
    """Return the path of a file as messages name one that is no article."""
    return str(file.abs_src_path or file.src_uri)


def _is_of_disk(error: OSError) -> bool:
    """Tell whether a file is what cannot be had, not a template or a program."""
    return isinstance(error.filename, str) and Path(error.filename).is_absolute()


def _said(error: BaseException) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"there is no template `{error.name}`"
    if isinstance(error, jinja2.TemplateError):
        return str(error.message)
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if type(error) is SystemExit:
        return f"it ends the program: sys.exit({'' if error.code is None else repr(error.code)})"
    return f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"


def _steps(error: BaseException) -> Iterator[tuple[str, int | None]]:
    """Yield file and line of each step on the way to the error; of a file being read, none."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield frame.f_code.co_filename, line
        if isinstance(error, UnicodeDecodeError) and frame.f_code.co_name == "get_source":
            yield str(frame.f_locals.get("filename", "<template>")), None


def _line_at(error: BaseException) -> str:
    """Return the line of the theme's template that failed: it names what it was about."""
    steps = [step for step in traceback.extract_tb(error.__traceback__) if step.line]
    return f", at `{steps[-1].line}`" if steps and steps[-1].filename.endswith(".html") else ""


def _article(error: BaseException) -> str:
    """Return the article that MkDocs was at work on."""
    frames: list[FrameType] = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    pages = [frame.f_locals["page"] for frame in frames if frame.f_code.co_name in AT_WORK_ON]
    return shown_source(pages[0]) if pages else ""
