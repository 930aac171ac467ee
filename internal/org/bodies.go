package org

import (
	"context"
	"fmt"
	"strings"

	"giaoban/internal/db"
)

// mergeBodies merges the bodies at the old places that share a parent in their line, under the new place's name.
func (w *succeeding) mergeBodies(ctx context.Context, olds []Unit, heir Unit) ([]Unit, error) {
	type group struct{ bodies, places []Unit }
	var keys []int64
	groups := map[int64]*group{}
	for _, place := range olds {
		if place.Kind != Place {
			continue
		}
		edges, err := edgesOf(ctx, w.tx, place.ID)
		if err != nil {
			return nil, err
		}
		for _, e := range edges {
			if e.Parent != place.ID || e.Hierarchy != Territory || e.ValidFrom > w.at || e.ValidTo <= w.at {
				continue
			}
			body, err := FindID(ctx, w.tx, e.Unit, w.at)
			if err != nil {
				return nil, err
			}
			line, err := parentOf(ctx, w.tx, body.ID, Line, w.at)
			if err != nil {
				return nil, err
			}
			if body.Kind != Body || line == 0 {
				continue
			}
			if groups[line] == nil {
				groups[line] = &group{}
				keys = append(keys, line)
			}
			groups[line].bodies = append(groups[line].bodies, body)
			groups[line].places = append(groups[line].places, place)
		}
	}
	// Bodies that others stand under in the Front come first, so that their heirs exist when the others are placed.
	var all []Unit
	for _, line := range keys {
		g := groups[line]
		first, place := g.bodies[0], g.places[0]
		suffix := strings.TrimPrefix(first.Code, place.Code)
		if suffix == first.Code {
			suffix = fmt.Sprintf(".%d", line)
		}
		linePlace, err := FindID(ctx, w.tx, line, w.at)
		if err != nil {
			return nil, err
		}
		spec := Spec{
			Code: heir.Code + suffix, Kind: Body, Level: first.Level, Parent: heir.Code, LineParent: linePlace.Code,
			Name:  strings.Replace(first.Name, place.Name, heir.Name, 1),
			Short: strings.Replace(first.Short, place.Short, heir.Short, 1),
		}
		if front, err := parentOf(ctx, w.tx, first.ID, Front, w.at); err != nil {
			return nil, err
		} else if h := w.heirs[front]; h != 0 {
			u, err := FindID(ctx, w.tx, h, w.at)
			if err != nil {
				return nil, err
			}
			spec.FrontParent = u.Code
		}
		body, err := w.heir(ctx, &spec, first)
		if err != nil {
			return nil, err
		}
		for _, b := range g.bodies {
			w.rows = append(w.rows, []any{w.id, b.ID, body.ID, Whole})
			w.heirs[b.ID] = body.ID
		}
		all = append(all, g.bodies...)
	}
	return all, nil
}

func parentOf(ctx context.Context, tx *db.Tx, unit int64, h Hierarchy, day string) (int64, error) {
	var p int64
	err := tx.QueryRow(ctx, `select parent from unit_edge where unit = $1 and hierarchy = $2
		and valid_from <= $3 and $3 < valid_to`, unit, int64(h), day).Scan(&p)
	if db.Missing(err) {
		return 0, nil
	}
	return p, err
}
