package trail

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"giaoban/internal/briefing"
	"giaoban/internal/period"
	"giaoban/internal/report"
	"giaoban/internal/task"
	"giaoban/internal/viet"
	"giaoban/internal/web"
)

// Difference is one field of what an act changed: its name, what stood there, what stands there since. A field that was not
// there is empty.
type Difference struct {
	Field    string
	Old, New string
}

// Compare lays what stood before an act beside what stood after it, field by field; fields that did not change are left out.
// What is no object is one field without a name.
func Compare(before, after string) []Difference {
	old, now := fields(before), fields(after)
	var out []Difference
	for _, name := range union(old, now) {
		if old[name] != now[name] {
			out = append(out, Difference{name, old[name], now[name]})
		}
	}
	return out
}

// Facts lists the fields of an act's detail.
func Facts(detail string) []Difference {
	all := fields(detail)
	var out []Difference
	for _, name := range union(all, nil) {
		out = append(out, Difference{Field: name, New: all[name]})
	}
	return out
}

func union(a, b map[string]string) []string {
	var out []string
	for _, m := range []map[string]string{a, b} {
		for name := range m {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// fields reads JSON as a flat list of fields; a field of a field is named with a dot.
func fields(text string) map[string]string {
	out := map[string]string{}
	if text == "" {
		return out
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber() // a sum of money is no float
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		out[""] = text // somebody has spoilt it: it is shown as it stands
		return out
	}
	flatten("", v, out)
	return out
}

func flatten(name string, v any, out map[string]string) {
	switch v := v.(type) {
	case nil:
	case map[string]any:
		for k, inner := range v {
			if name != "" {
				k = name + "." + k
			}
			flatten(k, inner, out)
		}
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			one := map[string]string{}
			flatten("", inner, one)
			var texts []string
			for _, k := range union(one, nil) {
				texts = append(texts, one[k])
			}
			parts[i] = strings.Join(texts, " ")
		}
		out[name] = strings.Join(parts, ", ")
	case string:
		out[name] = v
	default:
		out[name] = fmt.Sprint(v)
	}
}

// fieldWords names the fields that acts speak of. One that is not here is shown by its own name, which is English.
var fieldWords = map[string]string{
	"": "Giá trị", "role": "Vai trò", "unit": "Đơn vị", "from": "Từ ngày", "to": "Đến ngày", "due": "Hạn", "state": "Tình trạng", "share": "Tiến độ (%)",
	"grant": "Mã quyền", "cells": "Số ô", "changed": "Số ô thay đổi", "entry": "Mã lần ghi", "other": "Đơn vị kia", "amount": "Số lượng", "value": "Giá trị",
	"restored": "Số ô khôi phục", "kept": "Giữ nguyên", "removed": "Đã gỡ", "lead": "Đơn vị chủ trì", "briefing": "Mã hội nghị", "point": "Điểm kết luận",
	"statements": "Số nội dung", "statement": "Mã nội dung", "kind": "Loại", "sections": "Số mục", "taken": "Số mục lấy bản mới", "section": "Mục",
	"version": "Phiên bản", "numbers": "Số con số", "sha256": "Dấu SHA-256", "of": "Thay cho bản", "report": "Mã báo cáo", "period": "Kỳ", "start": "Bắt đầu",
	"sequence": "Lần thay đổi", "added": "Số chỉ tiêu thêm", "lines": "Số dòng", "new": "Ô mới", "skipped": "Bỏ qua", "Number": "Số", "Symbol": "Ký hiệu",
	"Date": "Ngày", "way": "Cách đăng nhập", "hierarchy": "Cây đơn vị", "office": "Mã chức vụ", "delegation": "Mã ủy quyền", "taker": "Người nhận ủy quyền",
	"grants": "Mã các quyền", "document": "Văn bản", "name": "Tên", "summary": "Mô tả", "permissions": "Các quyền",
}

// fieldName is a field in the reader's words. What a house changes without a name for it is the thing's state, where the
// house has states.
func fieldName(ctx context.Context, house, name string) string {
	if name == "" && slices.Contains([]string{"report", "briefing", "period"}, house) {
		name = "state"
	}
	if words, ok := fieldWords[name]; ok {
		return web.T(ctx, words)
	}
	return name
}

// valueText says a value in the reader's words, where the house has words for it.
func valueText(ctx context.Context, house, field, value string) string {
	words := ""
	if field == "" || field == "state" {
		switch house {
		case "report":
			words = report.State(value).Name()
		case "briefing":
			words = briefing.State(value).Name()
		case "task":
			words = task.State(value).Name()
		case "period":
			words = map[string]string{string(period.Open): "đang mở", string(period.Closed): "đã khóa sổ"}[value]
		}
	}
	switch {
	case value == "":
		return ""
	case words != "":
		return web.T(ctx, words)
	case value == "true":
		return web.T(ctx, "có")
	case value == "false":
		return web.T(ctx, "không")
	}
	return cmp.Or(viet.FormatDate(value), value)
}
