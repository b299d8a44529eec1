"""HTML as plain text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.catalog.importer.values.markup import plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Rated <![:] mug", "Rated <![:] mug"),
        ("Mug <![foo]>", "Mug <![foo]>"),
        ("Mug <![>", "Mug <![>"),
        ("<b>Mug</b> <![", "Mug <!["),
        ("I </3 you <3", "I </3 you <3"),
        ("width < 40 cm, <b>height > 5</b>", "width < 40 cm, height > 5"),
        ("<![CDATA[<p>hello</p>]]>", "hello"),
        ("<![CDATA[5 < 6]]> &amp; <p>7</p>", "5 < 6 &\n7"),
        ("<p class=MsoNormal><![if !supportLists]>1.<![endif]> One</p>", "1. One"),
        ("<!--[if gte mso 9]><xml>1</xml><![endif]-->One", "One"),
        ("<!DOCTYPE html><html><head><title>T</title></head><body>One", "One"),
        ("<head><p>a head that is not closed", "a head that is not closed"),
        ('<?xml version="1.0"?><p>One</p>', "One"),
        ("One<!-- two <p> -->Three <!-- four", "OneThree <!-- four"),
        ('<p title="a > b">One</p><p title=it\'s>Two', "One\nTwo"),
        ('<a href="x>One</a> two', "One two"),
        ("One<script>if (a < b) '</p>'</script>Two<style>p {}", "OneTwo"),
        ("&lt;p&gt;5 &amp;lt; 6&lt;/p&gt;", "5 < 6"),
        ("caf&eacute; &#8364;5 &#x20AC;6", "café €5 €6"),
        ("&#" + "1" * 5_000 + ";", "&#" + "1" * 5_000 + ";"),
        ("<ul><li>a<li>b</ul>c<br/>d<BR>e", "a\nb\nc\nd\ne"),
        ("Mug <b", "Mug <b"),
    ],
)
def test_markup_is_left_out_and_everything_else_is_text(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    "piece",
    [
        "<a ", "<a", "<a/", '<a b="', "<a b='", "<a =", "<a b=c ", "<!--", "<![", "<!", "<?x", "</", "</script ",
        "<head>", "<script>", "<svg><![CDATA[", "&", "&#", "&#1", "&lt;", "<a b=\"'>", "<a b='\">",
    ],
)  # fmt: skip
def test_a_long_text_takes_no_longer_per_character_than_a_short_one(piece: str) -> None:
    """A reader that tries every rest of the text again takes hours here."""
    for end in ("", ">", '">', "'", '"'):
        plain_text("<b>" + piece * (1_000_000 // len(piece)) + end)


@given(st.text(alphabet="<>!-[]?/\"'=&#;ab1 \n"))
def test_any_text_is_read_and_none_longer_than_it_was(text: str) -> None:
    assert len(plain_text(text)) <= len(text)
