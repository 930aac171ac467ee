package bench

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"giaoban/internal/auth"
	"giaoban/internal/intake"
	"giaoban/internal/org"
)

// droppedBodies is how many forms come back in one archive: those of a large town.
const droppedBodies = 250

// workbooks measures how long an archive of filled forms takes from being handed in to its preview, and from the button to
// the figures. Its figures are those of the first period that nothing else is written to.
func (m *measuring) workbooks(ctx context.Context) error {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	units := m.units[:min(droppedBodies, len(m.units))]
	for i, u := range units {
		w, err := z.CreateHeader(&zip.FileHeader{Name: u.Code + ".xlsx", Method: zip.Store})
		if err != nil {
			return err
		}
		if err := m.fillForm(ctx, u, i, w); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	began := time.Now()
	plan, err := m.app.Intake.Preview(ctx, auth.System(), intake.File{Name: "forms.zip", Data: out.Bytes()}, intake.Options{})
	if err != nil {
		return err
	}
	took := time.Since(began)
	if want := len(units) * indicators; plan.Counts.New != want || len(plan.Problems) > 0 {
		return fmt.Errorf("the preview of %d forms has %+v, want %d new cells: %v", len(units), plan.Counts, want, plan.Problems)
	}
	m.atMost(m.engine, fmt.Sprintf("workbooks: preview of %d forms, %d cells", len(units), plan.Counts.New), took, 10*time.Second)
	began = time.Now()
	if _, err := m.app.Intake.Apply(ctx, auth.System(), plan.ID, intake.Consent{}); err != nil {
		return err
	}
	m.atMost(m.engine, fmt.Sprintf("workbooks: %d forms applied", len(units)), time.Since(began), 5*time.Second)
	began = time.Now()
	if err := m.app.Intake.Undo(ctx, auth.System(), plan.ID, "bench"); err != nil {
		return err
	}
	m.note(m.engine, "workbooks: the drop undone", round(time.Since(began)), time.Since(began).Seconds())
	return nil
}

// fillForm writes a body's form with a figure for each indicator that is measured.
func (m *measuring) fillForm(ctx context.Context, u org.Unit, seed int, w io.Writer) error {
	var form bytes.Buffer
	if err := m.app.Intake.Template(ctx, auth.System(), u.Code, m.periods[m.quarters+2].Code, &form); err != nil {
		return err
	}
	f, err := excelize.OpenReader(&form)
	if err != nil {
		return err
	}
	defer f.Close()
	const name = "Số liệu"
	rows, err := f.GetRows(name)
	if err != nil {
		return err
	}
	codes := map[string]int{}
	for i, in := range m.chosen {
		codes[in.Code] = i
	}
	for i, row := range rows {
		if len(row) == 0 {
			continue
		}
		if n, ok := codes[row[0]]; ok {
			if err := f.SetCellStr(name, fmt.Sprintf("F%d", i+1), fmt.Sprint(1+seed+n)); err != nil {
				return err
			}
		}
	}
	return f.Write(w)
}
