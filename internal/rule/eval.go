package rule

import "math/big"

// result is what a piece of an expression comes to; both nil and false mean that it is not known.
type result struct {
	number *big.Rat
	known  bool // of a condition
	holds  bool
}

// verdict is what a rule says of a unit's figures.
type verdict int

const (
	unknown verdict = iota // a figure that it needs has not been given: it says nothing
	kept
	broken
)

// judge computes the expression over figures in their own units; a cell that is not in the map is blank.
func (e *Expr) judge(figures map[cell]*big.Rat) verdict {
	r := e.root.eval(figures)
	switch {
	case !r.known:
		return unknown
	case r.holds:
		return kept
	}
	return broken
}

func said(holds bool) result { return result{known: true, holds: holds} }

// eval follows Kleene's logic of three values: what is not known makes unknown only what depends on it.
func (n *node) eval(figures map[cell]*big.Rat) result {
	switch n.op {
	case "number":
		return result{number: n.value}
	case "cell":
		return result{number: figures[n.cell]}
	case "if":
		switch c := n.args[0].eval(figures); {
		case !c.known:
			return result{}
		case c.holds:
			return n.args[1].eval(figures)
		}
		return n.args[2].eval(figures)
	}
	args := make([]result, len(n.args))
	for i, a := range n.args {
		args[i] = a.eval(figures)
	}
	switch n.op {
	case "given":
		return said(args[0].number != nil)
	case "not":
		return result{known: args[0].known, holds: args[0].known && !args[0].holds}
	case "and", "or":
		return both(n.op == "or", args[0], args[1])
	case "total":
		return total(args)
	}
	for _, a := range args {
		if a.number == nil {
			return result{}
		}
	}
	return compute(n.op, args)
}

// both joins two conditions: one that holds settles an "or", one that is broken settles an "and".
func both(or bool, a, b result) result {
	for _, x := range []result{a, b} {
		if x.known && x.holds == or {
			return said(or)
		}
	}
	if a.known && b.known {
		return said(!or)
	}
	return result{}
}

// total adds what has been given; blank when nothing has.
func total(args []result) result {
	var sum *big.Rat
	for _, a := range args {
		if a.number == nil {
			continue
		}
		if sum == nil {
			sum = new(big.Rat)
		}
		sum.Add(sum, a.number)
	}
	return result{number: sum}
}

func compute(op string, args []result) result {
	x := args[0].number
	switch op {
	case "neg":
		return result{number: new(big.Rat).Neg(x)}
	case "abs":
		return result{number: new(big.Rat).Abs(x)}
	case "min", "max":
		best := x
		for _, a := range args[1:] {
			if c := a.number.Cmp(best); op == "min" && c < 0 || op == "max" && c > 0 {
				best = a.number
			}
		}
		return result{number: best}
	}
	y := args[1].number
	switch op {
	case "+":
		return result{number: new(big.Rat).Add(x, y)}
	case "-":
		return result{number: new(big.Rat).Sub(x, y)}
	case "*":
		return result{number: new(big.Rat).Mul(x, y)}
	case "/":
		if y.Sign() == 0 {
			return result{} // nothing can be said of a share of nothing
		}
		return result{number: new(big.Rat).Quo(x, y)}
	}
	c := x.Cmp(y)
	switch op {
	case "=":
		return said(c == 0)
	case "<>":
		return said(c != 0)
	case "<":
		return said(c < 0)
	case "<=":
		return said(c <= 0)
	case ">":
		return said(c > 0)
	default: // ">=", the last of the operators that the parser knows
		return said(c >= 0)
	}
}
