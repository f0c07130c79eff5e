from kbgen_search import extract
from kbgen_search.articles import Section

MATERIAL = """<!doctype html><html lang="es"><head><title>Título - Site</title>
<meta name="description" content="Resumen"></head><body><nav>menu words</nav><main>
<article class="md-content__inner"><h1 id="t">Título<a class="headerlink" href="#t">¶</a></h1>
<p>Lead with <code>inline</code><br>next line</p><h2 id="a">First</h2><p>One.</p>
<div class="highlight"><pre><code>x = 1
y = 2
</code></pre></div><h3><a id="b"></a>Inner</h3><ul><li>one<li>two</ul>
<!-- remark --><script>bad()</script><p hidden>unseen</p><h2 id="c">Empty</h2></article></main>
<footer>footer words</footer></body></html>"""


def test_a_page_becomes_sections_with_code_apart() -> None:
    article = extract.article_of_page(MATERIAL, "titulo", "titulo/")
    assert article is not None
    assert (article.title, article.locale, article.description) == ("Título", "es", "Resumen")
    assert article.sections == (
        Section("", 0, "", (), "Lead with inline next line"),
        Section("a", 2, "First", (), "One.", "x = 1\ny = 2"),
        Section("b", 3, "Inner", ("First",), "one two"),
        Section("c", 2, "Empty", (), ""),
    )


def test_content_is_found_in_pages_of_other_generators() -> None:
    for wrapper in ("<main><article>{}</article></main>", "<div role=main>{}</div>", "{}"):
        body = wrapper.format("<h1>Topic</h1><p>Words here.</p>")
        html = f"<html lang=en><body><header><nav>Menu</nav></header>{body}</body></html>"
        article = extract.article_of_page(html, "topic", "topic.html")
        assert article is not None
        assert article.title == "Topic"
        assert [part.text for part in article.sections] == ["Words here."]


def test_a_page_without_text_is_no_article() -> None:
    assert extract.article_of_page("<html><body></body></html>", "x", "x/") is None


def test_line_numbers_of_code_are_left_out() -> None:
    html = """<table class="highlighttable"><tr><td class="linenos"><pre>1
2</pre></td><td class="code"><pre>a()
b()</pre></td></tr></table>"""
    assert [part.code for part in extract.sections(html)] == ["a()\nb()"]


def test_words_of_neighbouring_blocks_stay_apart() -> None:
    html = "<p>one</p><p>two</p><table><tr><td>three</td><td>four</td></tr></table>"
    assert extract.sections(html)[0].text == "one two three four"


def test_what_is_marked_not_to_be_searched_is_left_out() -> None:
    assert extract.sections("<p data-search-exclude>secret</p><p>open</p>")[0].text == "open"


def test_images_are_read_by_their_description() -> None:
    assert (
        extract.sections('<p>See <img alt="the red switch">.</p>')[0].text == "See the red switch ."
    )


def test_the_labels_of_tabs_are_words_of_their_own() -> None:
    html = "<h1>A</h1><div><label>pip</label><label>conda</label></div><p>Install.</p>"
    assert extract.sections(html)[-1].text.split() == ["pip", "conda", "Install."]
