package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"giaoban/internal/viet"
)

// node is a JSON value that knows its place. encoding/json alone would lose duplicate keys, the place of an unknown field,
// and the digits of a number.
type node struct {
	at    string
	kind  byte // '{' '[' 's' 'n' 'b' '0' (null)
	text  string
	flag  bool
	keys  []string
	items []*node
	read  map[string]bool
}

const (
	deepest   = 16
	mostNodes = 2_000_000
)

// jsonError is a file that is no JSON, with its line and column.
type jsonError struct{ line, column int }

func (e *jsonError) Error() string {
	return fmt.Sprintf("Dòng %d, ký tự %d: tệp không đúng cú pháp JSON.", e.line, e.column)
}

type treeReader struct {
	dec      *json.Decoder
	data     []byte
	nodes    int
	problems []Problem
}

// readTree reads one JSON value that fills the whole file.
func readTree(data []byte) (*node, []Problem, error) {
	r := &treeReader{dec: json.NewDecoder(bytes.NewReader(data)), data: data}
	r.dec.UseNumber()
	n, err := r.value("", 0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = r.broken()
		}
	}
	return n, r.problems, err
}

func (r *treeReader) broken() error {
	before := r.data[:min(int(r.dec.InputOffset()), len(r.data))]
	return &jsonError{bytes.Count(before, []byte("\n")) + 1, len([]rune(string(before[bytes.LastIndexByte(before, '\n')+1:]))) + 1}
}

func (r *treeReader) value(at string, depth int) (*node, error) {
	if r.nodes++; depth > deepest || r.nodes > mostNodes {
		return nil, r.broken()
	}
	tok, err := r.dec.Token()
	if err != nil {
		return nil, r.broken()
	}
	n := &node{at: at}
	switch v := tok.(type) {
	case json.Delim:
		n.kind = byte(v)
		return n, r.inside(n, depth)
	case string:
		n.kind, n.text = 's', v
	case json.Number:
		n.kind, n.text = 'n', v.String()
	case bool:
		n.kind, n.flag = 'b', v
	case nil:
		n.kind = '0'
	}
	return n, nil
}

func (r *treeReader) inside(n *node, depth int) error {
	seen := map[string]bool{}
	for r.dec.More() {
		at := fmt.Sprintf("%s[%d]", n.at, len(n.items))
		if n.kind == '{' {
			tok, err := r.dec.Token()
			key, ok := tok.(string)
			if err != nil || !ok {
				return r.broken()
			}
			at = strings.TrimPrefix(n.at+"."+key, ".")
			if seen[key] {
				r.problems = append(r.problems, Problem{at, "Trường này được ghi hai lần."})
			}
			seen[key] = true
			n.keys = append(n.keys, key)
		}
		child, err := r.value(at, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, child)
	}
	if _, err := r.dec.Token(); err != nil { // the closing bracket
		return r.broken()
	}
	return nil
}

// get finds a field and marks it as known.
func (n *node) get(key string) *node {
	if n.read == nil {
		n.read = map[string]bool{}
	}
	n.read[key] = true
	for i, k := range n.keys {
		if k == key {
			return n.items[i]
		}
	}
	return nil
}

// object reads nodes by the format and gathers what does not belong there.
type object struct {
	*node
	c *content
}

func (c *content) object(n *node) (object, bool) {
	if n.kind != '{' {
		c.problem(n.at, "Chỗ này phải là một đối tượng { … }.")
		return object{}, false
	}
	return object{n, c}, true
}

// done reports the fields that nobody has asked for.
func (o object) done() {
	var known []string
	for k := range o.read {
		known = append(known, k)
	}
	for i, k := range o.keys {
		if !o.read[k] {
			text := "Định dạng không có trường “" + k + "”."
			if near := viet.Nearest(k, known, 1); len(near) > 0 {
				text += " Có phải là “" + near[0] + "”?"
			}
			o.c.problem(o.items[i].at, text)
		}
	}
}

// field reads a text; a number is taken as the digits that stand there.
func (o object) field(key string) field {
	n := o.get(key)
	switch {
	case n == nil || n.kind == '0':
		return field{at: strings.TrimPrefix(o.at+"."+key, ".")}
	case n.kind == 's' || n.kind == 'n':
		return modern(field{viet.Clean(n.text), n.at}, &o.c.found)
	}
	o.c.problem(n.at, "Trường này phải là một chuỗi ký tự.")
	return field{at: n.at}
}

func (o object) text(key string) string { return o.field(key).text }

// lines reads a text that keeps its line ends.
func (o object) lines(key string) field {
	n := o.get(key)
	if n != nil && n.kind == 's' {
		return modern(field{strings.TrimSpace(viet.NFC(n.text)), n.at}, &o.c.found)
	}
	return o.field(key)
}

func (o object) given(key string) given {
	n := o.get(key)
	switch {
	case n == nil:
		return given{at: strings.TrimPrefix(o.at+"."+key, ".")}
	case n.kind == '0':
		return given{at: n.at, null: true, set: true}
	case n.kind == 's':
		f := modern(field{strings.TrimSpace(viet.NFC(n.text)), n.at}, &o.c.found)
		return given{text: f.text, at: n.at, set: true}
	case n.kind == 'n':
		return given{text: n.text, at: n.at, set: true, number: true}
	}
	o.c.problem(n.at, "Giá trị phải là một số hoặc một chuỗi ký tự.")
	return given{at: n.at}
}

func (o object) flag(key string) *bool {
	n := o.get(key)
	if n == nil || n.kind == '0' {
		return nil
	}
	if n.kind != 'b' {
		o.c.problem(n.at, "Trường này phải là true hoặc false.")
		return nil
	}
	return &n.flag
}

// list reads the items of a list; none is an empty one.
func (o object) list(key string) []*node {
	n := o.get(key)
	if n == nil || n.kind == '0' {
		return nil
	}
	if n.kind != '[' {
		o.c.problem(n.at, "Trường này phải là một danh sách [ … ].")
		return nil
	}
	return n.items
}
