package task

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"giaoban/internal/doc/sheet"
	"giaoban/internal/viet"
)

// DueText is the due date, with the first one where it was extended.
func DueText(t Task) string {
	if t.Due == t.OriginalDue {
		return viet.FormatDate(t.Due)
	}
	return fmt.Sprintf("%s (ban đầu %s)", viet.FormatDate(t.Due), viet.FormatDate(t.OriginalDue))
}

// StateText is how a task stands on a day, lateness included.
func StateText(t Task, day string) string {
	text := t.State.Name()
	late := t.DaysLate(day)
	switch {
	case t.Overdue(day):
		text += fmt.Sprintf(", quá hạn %d ngày", late)
	case late > 0:
		text += fmt.Sprintf(", muộn %d ngày", late)
	}
	return text
}

var tableHead = []string{"STT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Ngày giao", "Thời hạn ban đầu", "Thời hạn hiện nay", "Số lần gia hạn",
	"Minh chứng yêu cầu", "Mức hoàn thành (%)", "Tình trạng", "Ngày báo cáo xong"}

func tableRow(n int, t Task, day string) []string {
	var with []string
	for _, o := range t.Others {
		with = append(with, o.Name)
	}
	return []string{fmt.Sprint(n), t.Text, t.Leader.Name, strings.Join(with, "; "), viet.FormatDate(t.Day), viet.FormatDate(t.OriginalDue), viet.FormatDate(t.Due),
		fmt.Sprint(t.Extensions), t.Evidence, fmt.Sprint(t.Share), StateText(t, day), viet.FormatDate(t.Done)}
}

// WriteCSV writes tasks as they stand on a day, for a spreadsheet: UTF-8 with its mark, and no cell that would be read as
// a formula.
func WriteCSV(w io.Writer, tasks []Task, day string) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(tableHead); err != nil {
		return err
	}
	for i, t := range tasks {
		row := tableRow(i+1, t, day)
		for n, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t") {
				row[n] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// WriteXLSX writes the same table as a workbook.
func WriteXLSX(w io.Writer, tasks []Task, day string) error {
	widths := []float64{5, 50, 28, 28, 12, 14, 14, 10, 28, 12, 22, 14}
	columns := make([]sheet.Column, len(tableHead))
	for i, title := range tableHead {
		columns[i] = sheet.Column{Title: title, Width: widths[i]}
	}
	book := sheet.NewWriter("Danh mục nhiệm vụ", "Giaoban", day)
	table := book.Table("Nhiệm vụ", true, columns)
	for i, t := range tasks {
		row := tableRow(i+1, t, day)
		cells := make([]sheet.Value, len(row))
		for n, text := range row {
			cells[n] = sheet.Str(text)
		}
		cells[0], cells[7], cells[9] = sheet.Num(int64(i+1), 0), sheet.Num(int64(t.Extensions), 0), sheet.Num(int64(t.Share), 0)
		table.Row(cells...)
	}
	if err := table.Close(); err != nil {
		return err
	}
	return book.Save(w)
}
