package figure

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"sync"

	"giaoban/assets"
	"giaoban/internal/indicator"
	"giaoban/internal/viet"
	"giaoban/internal/web"
	"giaoban/internal/web/lang"
)

// gridSheet is what the script of the sheet knows of it: enough to read, check and keep what is typed without a network.
type gridSheet struct {
	Unit   string            `json:"unit"`
	Period string            `json:"period"`
	Path   string            `json:"path"`
	Cells  []gridCell        `json:"cells"` // in the order of the page
	Groups [][]string        `json:"groups"`
	Words  map[string]string `json:"words,omitempty"` // texts of the scripts in the reader's language, where it is not Vietnamese
	Worker string            `json:"worker"`
	Rules  any               `json:"rules,omitempty"`
}

type gridCell struct {
	Key       string   `json:"key"`
	Name      string   `json:"name"`
	Unit      string   `json:"unit"`
	Units     []string `json:"units,omitempty"` // further names of the unit
	Decimals  int      `json:"decimals"`
	Version   int      `json:"version"`
	Text      string   `json:"text"`
	Number    string   `json:"number,omitempty"`
	Exact     bool     `json:"exact,omitempty"`
	AsOf      string   `json:"asOf,omitempty"`
	Shut      string   `json:"shut,omitempty"`
	Reason    string   `json:"reason,omitempty"` // why a change wants a reason
	Sum       []string `json:"sum,omitempty"`    // the additive parts of a total
	Num       string   `json:"num,omitempty"`    // of a ratio
	Den       string   `json:"den,omitempty"`
	MustFill  bool     `json:"must,omitempty"`
	Indicator string   `json:"indicator"`
	Part      string   `json:"part,omitempty"`
}

// WorkerPath is where the service worker of the sheets is served: at the top, since it may rule only what lies below it.
const WorkerPath = "/ngoai-tuyen.js"

// worker is the service worker's source with the version of the assets and what a sheet loads, so that a new release is a new
// worker.
var worker = sync.OnceValue(func() []byte {
	source, err := assets.Files.ReadFile("js/entry/worker.js")
	if err != nil {
		panic(err) // the file is embedded
	}
	files := []string{"css/site.css", "css/units.css", "vendor/pico/pico.min.css", "img/icon.svg"}
	for _, pattern := range []string{"js/*.js", "js/entry/*.js"} {
		more, err := fs.Glob(assets.Files, pattern)
		if err != nil {
			panic(err) // the pattern is a constant
		}
		files = append(files, more...)
	}
	for i, f := range files {
		files[i] = web.Asset(f)
	}
	list, err := json.Marshal(files)
	if err != nil {
		panic(err) // a list of texts
	}
	return fmt.Appendf(nil, "const VERSION = %q;\nconst FILES = %s;\n%s", web.AssetVersion(), list, source)
})

// grid is the sheet as its script gets it.
func (p sheetPage) grid(ctx context.Context) (string, error) {
	out := gridSheet{Unit: p.Unit.Code, Period: p.Period.Code, Path: sheetPath(p.Unit.Code, p.Period), Groups: indicator.UnitGroups(), Worker: WorkerPath, Rules: p.Rules}
	if web.Lang(ctx) == "en" {
		out.Words = scriptWords()
	}
	codes := map[int64]string{}
	for _, g := range p.Groups {
		for _, r := range g.Rows {
			codes[r.Indicator.ID] = r.Indicator.Code
		}
	}
	for _, g := range p.Groups {
		for _, r := range g.Rows {
			c := gridCell{
				Key: r.Key(), Name: rowTitle(r), Unit: r.Indicator.Unit, Units: r.Indicator.UnitSynonyms, Decimals: r.Indicator.Decimals,
				Version: r.Now.Version, Text: Text(r.Now, r.Indicator), AsOf: r.Now.AsOf, Indicator: r.Indicator.Code, Part: r.Part.Code, MustFill: r.Compulsory,
			}
			if r.Now.Has {
				c.Number, c.Exact = strconv.FormatInt(r.Now.Number, 10), r.Now.Qualifier == viet.Exact
			}
			switch {
			case r.Derived:
				c.Shut, c.Num, c.Den = web.T(ctx, "Hệ thống tự tính từ hai chỉ tiêu khác."), codes[r.Indicator.Numerator], codes[r.Indicator.Denominator]
			case r.Shut != nil:
				c.Shut = web.Said(ctx, r.Shut)
			case p.Gate.Reason != "":
				c.Reason = web.T(ctx, p.Gate.Reason)
			case !r.Approved.Blank():
				c.Reason = web.T(ctx, "Số liệu này đã được duyệt.")
			}
			if r.Part.Part == indicator.Total {
				for _, part := range r.Indicator.Parts {
					if part.Kind != indicator.OfWhich {
						c.Sum = append(c.Sum, indicator.Address(r.Indicator, part))
					}
				}
			}
			out.Cells = append(out.Cells, c)
		}
	}
	text, err := json.Marshal(out)
	return string(text), err
}

func rowTitle(r Row) string {
	if r.Part.Name == "" {
		return r.Indicator.Name
	}
	return r.Indicator.Name + ", " + r.Part.Name
}

// inScript finds the texts of the scripts: what says("…") and t("…") are given.
var inScript = regexp.MustCompile(`\b(?:says|t)\("((?:[^"\\]|\\.)*)"`)

// scriptWords are the English texts of the scripts of the sheet.
var scriptWords = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, vi := range scriptTexts() {
		if en, ok := lang.English(vi); ok {
			out[vi] = en
		}
	}
	return out
})

func scriptTexts() []string {
	var out []string
	names, err := fs.Glob(assets.Files, "js/entry/*.js")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		source, err := assets.Files.ReadFile(path.Clean(name))
		if err != nil {
			panic(err) // the files are embedded
		}
		for _, m := range inScript.FindAllStringSubmatch(string(source), -1) {
			out = append(out, m[1])
		}
	}
	return out
}
