package figure

import (
	"context"
	"fmt"
	"slices"

	"giaoban/internal/indicator"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// cellPage is the page of one cell as shown; Text and Note are what was typed where it is shown again.
type cellPage struct {
	About
	Text, Note string
}

func (p cellPage) key() string   { return indicator.Address(p.Indicator, p.Part) }
func (p cellPage) sheet() string { return sheetPath(p.Unit.Code, p.Period) }
func (p cellPage) path() string  { return cellPath(p.sheet(), p.key()) }

func (p cellPage) trace() string {
	return Address{Unit: p.Unit.Code, Period: p.Period.Code, Indicator: p.Indicator.Code, Part: p.Part.Part, Own: true}.URL()
}

func cellPath(sheet, key string) string { return sheet + web.Path("o", key) }

// latest is the past with the newest period first, as people read a table.
func (p cellPage) latest() []Past {
	out := slices.Clone(p.Past)
	slices.Reverse(out)
	return out
}

func (p cellPage) chartText(ctx context.Context) string {
	text := ""
	for i, x := range p.Past {
		if i > 0 {
			text += "; "
		}
		text += web.T(ctx, x.Period.Name()) + ": " + or(Short(x.Value, x.Raw, p.Indicator), web.T(ctx, "chưa có số"))
	}
	return text + "."
}

// bar is one period of the chart, in the drawing's units.
type bar struct {
	X, Y, W, H, Mid, Label string
	Text, Code             string
	Has, Now               bool
}

// The drawing: bars stand on base, the highest is tall high.
const (
	base, tall, wide = 180, 140, 640
)

// bars measures the past. Negative figures, which hardly any indicator has, are drawn by their size.
func (p cellPage) bars(ctx context.Context) []bar {
	var most int64 = 1
	for _, x := range p.Past {
		most = max(most, x.Number, -x.Number)
	}
	step := wide / len(p.Past)
	out := make([]bar, len(p.Past))
	for i, x := range p.Past {
		size := int(float64(max(x.Number, -x.Number)) / float64(most) * tall) // of the drawing only
		if x.Has && x.Number != 0 {
			size = max(size, 2)
		}
		b := bar{
			X: fmt.Sprint(i*step + step/6), W: fmt.Sprint(step * 2 / 3), Y: fmt.Sprint(base - size), H: fmt.Sprint(size), Mid: fmt.Sprint(i*step + step/2),
			Label: fmt.Sprint(base - size - 6), Code: x.Period.Code[2:], Has: x.Has, Now: i == len(p.Past)-1,
		}
		if x.Has {
			b.Text = brief(x.Number, p.Indicator.Decimals)
		} else if x.Blank() {
			b.Text = "–"
		} else {
			b.Text = "…"
		}
		out[i] = b
	}
	return out
}

// brief prints a number for a narrow place: with tỷ and triệu, cut to one decimal. The table has it in full.
func brief(n int64, decimals int) string {
	whole := n / pow10(decimals)
	for _, m := range []struct {
		unit int64
		word string
	}{{1_000_000_000, " tỷ"}, {1_000_000, " tr"}} {
		if whole >= m.unit || whole <= -m.unit {
			return viet.FormatPlain(whole/(m.unit/10), 1) + m.word
		}
	}
	return viet.FormatPlain(n, decimals)
}

func sizeText(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", (n+1023)>>10)
	}
	return viet.FormatInt(n*10>>20, 1) + " MB"
}
