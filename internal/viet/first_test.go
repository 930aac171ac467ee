package viet

import "testing"

func TestFirstLetter(t *testing.T) {
	for _, c := range []struct{ text, upper, lower string }{
		{"", "", ""},
		{"ủy ban", "Ủy ban", "ủy ban"},
		{"Đoàn TNCS", "Đoàn TNCS", "đoàn TNCS"},
		{"quý III", "Quý III", "quý III"},
		{"10 căn", "10 căn", "10 căn"},
	} {
		if got := UpperFirst(c.text); got != c.upper {
			t.Errorf("UpperFirst(%q) = %q", c.text, got)
		}
		if got := LowerFirst(c.text); got != c.lower {
			t.Errorf("LowerFirst(%q) = %q", c.text, got)
		}
	}
}
