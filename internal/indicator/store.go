package indicator

import (
	"context"
	"database/sql"
	"fmt"

	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// settingGeneration names the state of the catalogue, so that every process that holds a snapshot knows when it is old. It is
// an id, not a count: a count that was rolled back would come again with another content.
const settingGeneration = "indicator.generation"

func newGeneration(ctx context.Context, tx *db.Tx) error {
	return setting.Put(ctx, tx, settingGeneration, db.NewID())
}

// The kinds of synonym.
const (
	synonymName = "name"
	synonymUnit = "unit"
)

// Load reads the whole catalogue, every version. Houses that answer requests take Service.In, which reads it only when it
// has changed.
func Load(ctx context.Context, tx *db.Tx) (*Catalog, error) {
	all, err := db.Collect(ctx, tx, scanIndicator, `select i.id, i.code, coalesce(i.replaces, 0), v.version, v.valid_from, v.valid_to,
		v.name, v.topic, v.unit, v.decimals, v.measure, v.across, coalesce(v.numerator, 0), coalesce(v.denominator, 0),
		v.ordinal, v.better, v.note
		from indicator i join indicator_version v on v.indicator = i.id order by i.id, v.version`)
	if err != nil {
		return nil, fmt.Errorf("load catalogue: %w", err)
	}
	parts, err := loadParts(ctx, tx)
	if err != nil {
		return nil, err
	}
	names, units, err := loadSynonyms(ctx, tx)
	if err != nil {
		return nil, err
	}
	for n := range all {
		i := &all[n]
		i.Parts, i.Synonyms, i.UnitSynonyms = parts[i.ID], names[i.ID], units[i.ID]
	}
	return newCatalog(all), nil
}

func scanIndicator(rows *sql.Rows) (Indicator, error) {
	var i Indicator
	err := rows.Scan(&i.ID, &i.Code, &i.Replaces, &i.Version, &i.ValidFrom, &i.ValidTo, &i.Name, &i.Topic, &i.Unit, &i.Decimals,
		&i.Measure, &i.Across, &i.Numerator, &i.Denominator, &i.Ordinal, &i.Better, &i.Note)
	return i, err
}

func loadParts(ctx context.Context, tx *db.Tx) (map[int64][]Part, error) {
	rows, err := tx.Query(ctx, `select indicator, part, code, name, kind, ordinal from indicator_part order by indicator, ordinal, part`)
	if err != nil {
		return nil, fmt.Errorf("load parts: %w", err)
	}
	defer rows.Close()
	out := map[int64][]Part{}
	for rows.Next() {
		var id int64
		var p Part
		if err := rows.Scan(&id, &p.Part, &p.Code, &p.Name, &p.Kind, &p.Ordinal); err != nil {
			return nil, err
		}
		out[id] = append(out[id], p)
	}
	return out, rows.Err()
}

func loadSynonyms(ctx context.Context, tx *db.Tx) (names, units map[int64][]string, err error) {
	rows, err := tx.Query(ctx, `select indicator, kind, text from indicator_synonym order by indicator, kind, folded`)
	if err != nil {
		return nil, nil, fmt.Errorf("load synonyms: %w", err)
	}
	defer rows.Close()
	names, units = map[int64][]string{}, map[int64][]string{}
	for rows.Next() {
		var id int64
		var kind, text string
		if err := rows.Scan(&id, &kind, &text); err != nil {
			return nil, nil, err
		}
		if kind == synonymUnit {
			units[id] = append(units[id], text)
			continue
		}
		names[id] = append(names[id], text)
	}
	return names, units, rows.Err()
}

// insertIndicator writes a new indicator under its id with its first version, parts and synonyms.
func insertIndicator(ctx context.Context, tx *db.Tx, i Indicator) error {
	if _, err := tx.Exec(ctx, `insert into indicator(id, code, replaces) values ($1,$2,$3)`, i.ID, i.Code, orNull(i.Replaces)); err != nil {
		return fmt.Errorf("insert indicator %s: %w", i.Code, err)
	}
	if err := insertVersion(ctx, tx, i); err != nil {
		return err
	}
	for _, p := range i.Parts {
		if err := insertPart(ctx, tx, i.ID, p); err != nil {
			return err
		}
	}
	var rows [][]any
	seen := map[string]bool{}
	add := func(kind string, texts []string) {
		for _, text := range texts {
			folded := viet.Fold(text)
			if !seen[kind+folded] {
				seen[kind+folded] = true
				rows = append(rows, []any{i.ID, folded, text, kind})
			}
		}
	}
	add(synonymName, i.Synonyms)
	add(synonymUnit, i.UnitSynonyms)
	return tx.Insert(ctx, `insert into indicator_synonym(indicator, folded, text, kind) values `, "", rows)
}

func insertVersion(ctx context.Context, tx *db.Tx, i Indicator) error {
	_, err := tx.Exec(ctx, `insert into indicator_version(indicator, version, valid_from, valid_to, name, folded, topic, unit, decimals,
		measure, across, numerator, denominator, ordinal, better, note) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`,
		i.ID, i.Version, i.ValidFrom, i.ValidTo, i.Name, viet.Fold(i.Name), i.Topic, i.Unit, i.Decimals, string(i.Measure),
		string(i.Across), orNull(i.Numerator), orNull(i.Denominator), i.Ordinal, i.Better, i.Note)
	if err != nil {
		return fmt.Errorf("insert version %d of %s: %w", i.Version, i.Code, err)
	}
	return nil
}

func insertPart(ctx context.Context, tx *db.Tx, id int64, p Part) error {
	_, err := tx.Exec(ctx, `insert into indicator_part(indicator, part, code, name, kind, ordinal) values ($1,$2,$3,$4,$5,$6)`,
		id, p.Part, p.Code, p.Name, string(p.Kind), p.Ordinal)
	if err != nil {
		return fmt.Errorf("insert part %s: %w", p.Code, err)
	}
	return nil
}

// endVersion closes a version that has no end yet. No row means that somebody else was faster.
func endVersion(ctx context.Context, tx *db.Tx, i Indicator, at string) error {
	n, err := tx.Exec(ctx, `update indicator_version set valid_to = $4 where indicator = $1 and version = $2 and valid_to = $3`,
		i.ID, i.Version, i.ValidTo, at)
	if err != nil {
		return fmt.Errorf("end version %d of %s: %w", i.Version, i.Code, err)
	}
	if n == 0 {
		return stale(i)
	}
	return nil
}

func stale(i Indicator) error {
	return fault.Conflictf("Chỉ tiêu %s vừa được người khác sửa. Hãy mở lại trang để xem bản mới rồi sửa tiếp.", i.Code)
}

func nextID(ctx context.Context, tx *db.Tx) (int64, error) {
	var id int64
	err := tx.QueryRow(ctx, `select coalesce(max(id), 0) + 1 from indicator`).Scan(&id)
	return id, err
}

func orNull(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
