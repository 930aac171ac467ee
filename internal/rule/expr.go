package rule

import (
	"fmt"
	"math/big"
	"strings"
)

// when says which figure of a cell is meant.
type when string

const (
	now      when = ""
	previous when = "kỳ trước"
	lastYear when = "cùng kỳ"
	toDate   when = "lũy kế"
	plan     when = "kế hoạch"
)

var whens = []when{previous, lastYear, toDate, plan}

// cell is a figure that an expression names.
type cell struct {
	indicator, part int64
	when            when
}

// sort is what a piece of an expression gives.
type sort int

const (
	number sort = iota
	truth
)

// node is a piece of an expression. unit is what a number is counted in: empty for a plain number, mixed for what came out of
// multiplying different units.
type node struct {
	op    string // "number", "cell", an operator, or a function's name
	value *big.Rat
	cell  cell
	args  []*node
	sort  sort
	unit  string
	at    int // where it begins, in runes
}

const mixed = "*"

// Expr is an expression that has been read.
type Expr struct {
	root  *node
	cells []cell // without repetitions, in the order of the text
}

// String prints the expression in full brackets, for tests and for comparing two texts.
func (e *Expr) String() string { return e.root.String() }

func (n *node) String() string {
	switch n.op {
	case "number":
		return n.value.RatString()
	case "cell":
		return fmt.Sprintf("#%d.%d[%s]", n.cell.indicator, n.cell.part, n.cell.when)
	}
	parts := make([]string, len(n.args))
	for i, a := range n.args {
		parts[i] = a.String()
	}
	return n.op + "(" + strings.Join(parts, "; ") + ")"
}
