package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinkedNamesEachEvidenceOnce(t *testing.T) {
	a, b, c := Link{"Phường Đông", "/a"}, Link{"2 căn", "/b"}, Link{"khác", "/c"}
	for _, one := range []struct {
		text         string
		evidence     []Link
		pieces, rest []Link
	}{
		{"Không có gì.", nil, []Link{{Text: "Không có gì."}}, nil},
		{"Phường Đông mới có 2 căn.", []Link{b, a}, []Link{a, {Text: " mới có "}, b, {Text: "."}}, nil},
		{"2 căn, rồi 2 căn", []Link{b, b, b}, []Link{b, {Text: ", rồi "}, b}, []Link{b}},
		{"12 căn, 2 căng, 2 căn", []Link{b}, []Link{{Text: "12 căn, 2 căng, "}, b}, nil},
		{"Phường Đông", []Link{c, {}}, []Link{{Text: "Phường Đông"}}, []Link{c, {}}},
	} {
		pieces, rest := Shortcoming{Text: one.text, Evidence: one.evidence}.Linked()
		if diff := cmp.Diff(one.pieces, pieces); diff != "" {
			t.Errorf("%s: pieces %s", one.text, diff)
		}
		if diff := cmp.Diff(one.rest, rest); diff != "" {
			t.Errorf("%s: rest %s", one.text, diff)
		}
	}
}

func TestSentenceIsEscaped(t *testing.T) {
	var b strings.Builder
	s := Shortcoming{Text: `Đông & "Tây" có 2 <căn>.`, Evidence: []Link{{"2", "/so?a=1&b=2"}, {"x", "javascript:alert(1)"}}}
	if err := Sentence(s).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	want := `Đông &amp; &#34;Tây&#34; có <a href="/so?a=1&amp;b=2">2</a> &lt;căn&gt;. <a href="about:invalid#TemplFailedSanitizationURL">[x]</a>`
	if b.String() != want {
		t.Errorf("got  %s\nwant %s", b.String(), want)
	}
}
