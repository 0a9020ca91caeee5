"""Pieces of the page in HTML. Whatever is not ours is escaped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from nijigan.client.errors import StylizerError
from nijigan.core.errors import NijiganError


@dataclass(frozen=True)
class Save:
    """A file to save: its address, the name it gets, and the words of the link."""

    url: str
    name: str
    words: str

    def __str__(self) -> str:
        return (
            f'<a class="save" href="{escape(self.url)}" download="{escape(self.name)}" '
            f'aria-label="{escape(f"{self.words}: {self.name}")}">{escape(self.words)}</a>'
        )


def progress(fraction: float, stage: str) -> str:
    """Say how far something is."""
    return (
        f'<div class="doing" role="status"><progress max="1" value="{fraction:.3f}" '
        f'aria-label="How much is done"></progress><span>{escape(stage)}</span></div>'
    )


def problem(error: Exception) -> str:
    """Say what went wrong, and what to do about it."""
    fact, remedy = _told(error)
    return (
        f'<div class="problem" role="alert"><strong>{escape(fact)}</strong> '
        f"<span>{escape(remedy)}</span></div>"
    )


def note(text: str) -> str:
    """Say something that is no trouble."""
    return f'<div class="note" role="status">{escape(text)}</div>'


def empty(title: str, text: str) -> str:
    """Return what stands where a result will be."""
    return (
        f'<div class="empty"><p class="empty-title">{escape(title)}</p><p>{escape(text)}</p></div>'
    )


def comparison(
    before: str, after: str, size: tuple[int, int], caption: str, saves: Iterable[Save]
) -> str:
    """Return two pictures of one size on each other, with a slider between, and what to save."""
    width, height = size
    ratio = f"{width} / {height}"
    move = "this.parentNode.style.setProperty('--cut', this.value + '%')"
    return (
        f'<figure class="result"><div class="compare" style="aspect-ratio: {ratio}; '
        f'--ratio: {width / height:.4f}; --cut: 50%">'
        f'<img src="{escape(before)}" alt="Before">'
        f'<img class="after" src="{escape(after)}" alt="After: {escape(caption)}">'
        '<span class="tag before-tag" aria-hidden="true">Before</span>'
        '<span class="tag after-tag" aria-hidden="true">After</span>'
        '<span class="edge" aria-hidden="true"></span>'
        '<input type="range" min="0" max="100" value="50" '
        f'aria-label="How much of the photo is seen" oninput="{move}"></div>'
        f"<figcaption>{_captioned(caption, saves)}</figcaption></figure>"
    )


def figure(url: str, alt: str, caption: str, saves: Iterable[Save] = ()) -> str:
    """Return a picture with its caption and what to save."""
    return (
        f'<figure class="tile"><img src="{escape(url)}" alt="{escape(alt)}" loading="lazy">'
        f"<figcaption>{_captioned(caption, saves)}</figcaption></figure>"
    )


def frames(urls: Sequence[str], label: str) -> str:
    """Return pictures of which one is seen, by a slider that begins in the middle."""
    middle = len(urls) // 2
    images = "".join(
        f'<img src="{escape(url)}" alt="{number / max(len(urls) - 1, 1):.0%} of the way"'
        f"{'' if number == middle else ' hidden'}>"
        for number, url in enumerate(urls)
    )
    show = (
        "[...this.closest('figure').querySelectorAll('img')]"
        ".forEach((image, number) => { image.hidden = number != this.value; })"
    )
    return (
        f'<figure class="frames">{images}<figcaption><label>{escape(label)}'
        f'<input type="range" min="0" max="{len(urls) - 1}" value="{middle}" '
        f'oninput="{show}"></label></figcaption></figure>'
    )


def saving(caption: str, saves: Iterable[Save]) -> str:
    """Return a line of what can be saved."""
    return f'<div class="saving">{_captioned(caption, saves)}</div>'


def grid(figures: Sequence[str], columns: int = 2) -> str:
    """Return figures side by side."""
    return f'<div class="tiles" style="--columns: {columns}">{"".join(figures)}</div>'


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table; cells are text."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in headings)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in rows
    )
    return (
        f'<div class="table" role="region" aria-label="{escape(caption)}" tabindex="0">'
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _captioned(caption: str, saves: Iterable[Save]) -> str:
    links = "".join(map(str, saves))
    return f'<span class="caption">{escape(caption)}</span><span class="saves">{links}</span>'


def _told(error: Exception) -> tuple[str, str]:
    if isinstance(error, (NijiganError, StylizerError)):
        return error.message, error.remedy
    if isinstance(error, OSError):
        return f"{error.strerror or error}.", "Free some space, and try again."
    return f"nijigan failed ({type(error).__name__}: {error}).", "The terminal has more."
