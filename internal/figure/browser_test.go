package figure_test

import (
	"encoding/json"
	"os"
	"testing"

	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/db/dbtest"
	"giaoban/internal/web"
	"giaoban/internal/web/webtest"
)

// TestTheBrowserReadsNumbersAsTheSiteDoes runs viet's cases through the reader that works without a network.
func TestTheBrowserReadsNumbersAsTheSiteDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.period("2019-Q3")
	cases, err := os.ReadFile("../viet/testdata/number.json")
	if err != nil {
		t.Fatal(err)
	}
	stage := s.stage()
	w := webtest.Browser(t, stage.URL)
	w.Open(stage.Enter(s.person("mot", "P01", auth.View, auth.Enter))).Open("/so-lieu")
	var wrong []string
	out := w.Eval(`import("` + web.Asset("js/entry/number.js") + `").then(({ parse, sentence }) => {
		const bare = (o) => JSON.stringify(Object.entries(o).filter(([, v]) => v !== undefined && v !== "").sort());
		return ` + string(cases) + `.filter((c) => {
			const got = { in: c.in, unit: c.unit, decimals: c.decimals }, { quantity: q, question, refusal } = parse(c.in, c);
			if (question) Object.assign(got, { readings: question.readings.map((r) => [r.type, r.text]), asked: sentence(question.made) });
			else if (refusal) got.refused = sentence(refusal.made);
			else if (!q.blank) {
				Object.assign(got, { kind: q.qualifier, words: q.magnitude, of: q.unit });
				if (q.qualifier !== "magnitude") got.value = String(q.value);
				if (q.qualifier === "range") Object.assign(got, { low: String(q.low), high: String(q.high) });
			}
			return bare(got) !== bare(c);
		}).map((c) => JSON.stringify(c));
	})`)
	if err := json.Unmarshal([]byte(out), &wrong); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, c := range wrong {
		t.Errorf("the browser answers otherwise: %s", c)
	}
}

// TestTheBrowserJudgesRulesAsTheSiteDoes runs rule's cases through the judge that works without a network.
func TestTheBrowserJudgesRulesAsTheSiteDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t, dbtest.Open(t, db.SQLite))
	s.period("2019-Q3")
	cases, err := os.ReadFile("../rule/testdata/script.json")
	if err != nil {
		t.Fatal(err)
	}
	stage := s.stage()
	w := webtest.Browser(t, stage.URL)
	w.Open(stage.Enter(s.person("mot", "P01", auth.View, auth.Enter))).Open("/so-lieu")
	out := w.Eval(`import("` + web.Asset("js/entry/rule.js") + `").then(({ judge }) => {
		const fraction = (t) => { const [n, d = "1"] = t.split("/"); return { n: BigInt(n), d: BigInt(d) }; };
		return ` + string(cases) + `.filter((c) => judge(c.expr, (k) => (k in c.now ? fraction(c.now[k]) : null), c.beside) !== c.verdict).map((c) => JSON.stringify(c)).join("\n");
	})`)
	if out != "" {
		t.Errorf("the browser judges otherwise:\n%s", out)
	}
}
