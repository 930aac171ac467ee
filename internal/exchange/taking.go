package exchange

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/figure"
	"giaoban/internal/indicator"
	"giaoban/internal/intake"
	"giaoban/internal/org"
	"giaoban/internal/period"
)

// Taken records that a package has come in, settles overlaps and the approved layer, and demands that the totals are those that the
// package states, where nothing here speaks otherwise.
func (s *Service) Taken(ctx context.Context, tx *db.Tx, who auth.Actor, plan intake.Plan, data []byte) error {
	a, err := s.arrive(ctx, tx, who, data)
	if err != nil || a.already {
		return err
	}
	if err := a.indicators(ctx); err != nil {
		return err
	}
	r := Received{Plan: plan.ID, Key: a.key.ID, Unit: a.top.ID, Period: a.p.ID, Serial: a.file.Head.Serial, Hash: a.file.Hash, At: s.clock.Milli(), By: who.Person}
	if err := insertReceived(ctx, tx, r, data); err != nil {
		return err
	}
	if err := a.endOverlaps(ctx); err != nil {
		return err
	}
	open, err := a.settle(ctx)
	if err != nil {
		return err
	}
	strange, err := a.strangers(ctx, nil)
	if err != nil {
		return err
	}
	if len(open) == 0 && len(strange) == 0 {
		lines, err := a.compared(ctx)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(lines, func(l Line) bool { return !l.Equal() }); i >= 0 {
			return fault.Refusedf("Gói số liệu không nhận được: sau khi ghi, tổng của chỉ tiêu %s ở đây là %s, còn gói nêu %s; chưa ghi gì. Hãy báo người phụ trách phần mềm.", lines[i].Code, lines[i].Here, lines[i].Stated)
		}
	}
	return audit.Write(ctx, tx, who, audit.Act{At: r.At, Verb: "receive", House: "intake", Object: plan.ID, Units: []int64{a.top.ID},
		Detail: map[string]any{"serial": r.Serial, "sha256": r.Hash, "key": Grouped(a.key.Fingerprint), "period": a.p.Code, "open": len(open)}})
}

// endOverlaps ends the overlaps of the package's units that it does not state, or not so.
func (a *arrival) endOverlaps(ctx context.Context) error {
	stated := map[string]bool{}
	for _, o := range a.file.Body.Overlaps {
		in, part, ok := a.meaning(o.Indicator, o.Part)
		if !ok {
			continue
		}
		amount := ""
		if o.Amount != nil {
			amount = *o.Amount
		}
		stated[joined(a.units[o.Unit].Code, a.units[o.Other].Code, indicator.Address(in, part), amount)] = true
	}
	all, err := listOverlaps(ctx, a.tx, a.p.ID)
	if err != nil {
		return err
	}
	for _, o := range all {
		in, ok := a.catalog.ByID(o.cell.Indicator)
		if !ok || !a.within[o.cell.Unit] || !a.within[o.other] {
			continue
		}
		part, _ := in.Part(o.cell.Part)
		amount := ""
		if o.amount.Valid {
			amount = plain(o.amount.Int64, in.Decimals)
		}
		if stated[joined(o.code, o.their, indicator.Address(in, part), amount)] {
			continue
		}
		if err := a.s.figures.EndOverlapIn(ctx, a.tx, a.who, o.id, a.origin()); err != nil {
			return err
		}
	}
	return nil
}

// settle takes what stands here as the package says into the approved layer: heads and the office below have approved it. It answers
// the units where something stands otherwise, or beside it, which waits for people.
func (a *arrival) settle(ctx context.Context) (open []string, err error) {
	said := a.said(a.file)
	submitted, err := a.layer(ctx, figure.Submitted)
	if err != nil {
		return nil, err
	}
	approved, err := a.layer(ctx, figure.Approved)
	if err != nil {
		return nil, err
	}
	for _, code := range slices.Sorted(maps.Keys(a.units)) {
		u := a.units[code]
		if !agrees(said, submitted[u.ID], u.ID) {
			open = append(open, code)
		}
		err := a.approve(ctx, u, submitted[u.ID], approved[u.ID], fmt.Sprintf("Gói số %d của %s", a.file.Head.Serial, a.file.Head.Site), func(c figure.Cell) bool {
			v, ok := said[c]
			return ok && v == submitted[u.ID][c].Value
		})
		if err != nil {
			return nil, err
		}
	}
	return open, nil
}

// approve takes those of a unit's cells into the approved layer that only names and that stand otherwise there.
func (a *arrival) approve(ctx context.Context, u org.Unit, submitted, approved map[figure.Cell]figure.Version, reason string, only func(figure.Cell) bool) error {
	differs := func(c figure.Cell) bool {
		x, y := submitted[c], approved[c]
		return only(c) && (x.Value != y.Value || x.Raw != y.Raw || x.AsOf != y.AsOf)
	}
	if !slices.ContainsFunc(slices.AppendSeq(slices.Collect(maps.Keys(submitted)), maps.Keys(approved)), differs) {
		return nil
	}
	_, err := a.s.figures.ApproveOnly(ctx, a.tx, a.who, auth.Consolidate, u.ID, a.p, reason, differs)
	return err
}

// layer reads the figures of the package's period by unit.
func (a *arrival) layer(ctx context.Context, layer figure.Layer) (map[int64]map[figure.Cell]figure.Version, error) {
	all, err := a.s.figures.EveryIn(ctx, a.tx, auth.System(), layer, a.p, false)
	out := map[int64]map[figure.Cell]figure.Version{}
	for _, v := range all {
		if out[v.Unit] == nil {
			out[v.Unit] = map[figure.Cell]figure.Version{}
		}
		out[v.Unit][v.Cell] = v
	}
	return out, err
}

// agrees tells whether a unit's figures are what a package says of it.
func agrees(said map[figure.Cell]figure.Value, here map[figure.Cell]figure.Version, unit int64) bool {
	for c, v := range said {
		if c.Unit == unit && here[c].Value != v {
			return false
		}
	}
	for c := range here {
		if _, ok := said[c]; !ok {
			return false
		}
	}
	return true
}

// GivenBack follows the undoing of the latest package of a unit and period: what it kept beside cells goes, overlaps and the approved
// layer become what they were.
func (s *Service) GivenBack(ctx context.Context, tx *db.Tx, who auth.Actor, plan, reason string) error {
	r, err := receivedOf(ctx, tx, plan)
	if fault.Is(err, fault.KindNotFound) {
		return nil // the same package again, which changed nothing
	}
	if err != nil {
		return err
	}
	chain, err := standingReceived(ctx, tx, r.Unit, r.Period)
	if err != nil {
		return err
	}
	if len(chain) == 0 || chain[0].Plan != plan {
		return fault.Refused("Sau gói này đã nhận gói mới hơn của cùng đơn vị và kỳ. Hãy hoàn tác gói mới nhất trước.")
	}
	a, err := s.standing(ctx, tx, who, r)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update exchange_received set undone_at = $2 where plan = $1 and undone_at = 0`, plan, s.clock.Milli()); err != nil {
		return err
	}
	for _, u := range a.units {
		if err := s.figures.WithdrawIn(ctx, tx, who, u.ID, a.p, a.origin()); err != nil {
			return err
		}
	}
	if len(chain) > 1 {
		if err := s.reviveOverlaps(ctx, tx, who, chain[1:]); err != nil {
			return err
		}
	}
	approved, err := a.layer(ctx, figure.Approved)
	if err != nil {
		return err
	}
	now, err := a.layer(ctx, figure.Submitted)
	if err != nil {
		return err
	}
	said := a.said(a.file)
	for _, code := range slices.Sorted(maps.Keys(a.units)) {
		u := a.units[code]
		if err := a.approve(ctx, u, now[u.ID], approved[u.ID], reason, func(c figure.Cell) bool {
			v, ok := said[c]
			return ok && v == approved[u.ID][c].Value // what was approved otherwise since is not of this package
		}); err != nil {
			return err
		}
	}
	return nil
}

// reviveOverlaps states again what the package before has stated and the undone one has ended.
func (s *Service) reviveOverlaps(ctx context.Context, tx *db.Tx, who auth.Actor, chain []Received) error {
	a, err := s.standing(ctx, tx, who, chain[0])
	if err != nil {
		return err
	}
	entry := ""
	for _, r := range chain {
		if entry == "" {
			if err := tx.QueryRow(ctx, `select entry from intake_plan where id = $1`, r.Plan).Scan(&entry); err != nil {
				return err
			}
		}
	}
	all, err := listOverlaps(ctx, tx, a.p.ID)
	if err != nil {
		return err
	}
	stands := map[[5]int64]bool{}
	for _, o := range all {
		stands[[5]int64{o.cell.Unit, o.other, o.cell.Indicator, o.cell.Part, o.amount.Int64}] = true
	}
	for _, o := range a.file.Body.Overlaps {
		in, part, ok := a.meaning(o.Indicator, o.Part)
		x := figure.Overlap{Cell: figure.Cell{Unit: a.units[o.Unit].ID, Period: a.p.ID, Indicator: in.ID, Part: part.Part}, Other: a.units[o.Other].ID, Reason: o.Reason}
		if o.Amount != nil {
			x.Amount, x.Known = scaled(*o.Amount, in.Decimals)
		}
		if !ok || entry == "" || stands[[5]int64{x.Cell.Unit, x.Other, in.ID, part.Part, x.Amount}] {
			continue
		}
		if err := s.figures.SetOverlapIn(ctx, tx, who, entry, a.p, x); err != nil && !fault.Is(err, fault.KindRefused) && !fault.Is(err, fault.KindInvalid) {
			return err // refused: one of the two figures was changed here and does not bear it any more
		}
	}
	return nil
}

// standing is an accepted package with what its words mean now.
func (s *Service) standing(ctx context.Context, tx *db.Tx, who auth.Actor, r Received) (*arrival, error) {
	a := &arrival{s: s, tx: tx, who: who, units: map[string]org.Unit{}, within: map[int64]bool{}}
	var err error
	if a.file, err = receivedPackage(ctx, tx, r.Plan); err != nil {
		return nil, err
	}
	found, err := db.Collect(ctx, tx, scanKey, keySelect+`where k.id = $1`, r.Key)
	if err != nil || len(found) == 0 {
		return nil, cmp.Or(err, fault.NotFound())
	}
	a.key = found[0]
	var scheme Scheme
	if a.key.Scheme != "" {
		if scheme, err = find(ctx, tx, a.key.Scheme); err != nil {
			return nil, err
		}
	}
	a.in = scheme.inward()
	if a.p, err = period.FindID(ctx, tx, r.Period); err != nil {
		return nil, err
	}
	a.made = true
	if err := a.place(ctx); err != nil {
		return nil, err
	}
	if err := a.indicators(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// Settle takes into the approved layer what agrees with an accepted package by now: after people have chosen between two values.
func (s *Service) Settle(ctx context.Context, who auth.Actor, id string) (open int, err error) {
	if _, err := s.Arrival(ctx, who, id); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := receivedOf(ctx, tx, id)
		if fault.Is(err, fault.KindNotFound) {
			return fault.Refused("Gói này chưa được nhận nên chưa có gì để đối chiếu.")
		}
		if err != nil {
			return err
		}
		chain, err := standingReceived(ctx, tx, r.Unit, r.Period)
		if err != nil {
			return err
		}
		if len(chain) == 0 || chain[0].Plan != id {
			return fault.Refused("Đã có gói mới hơn, hoặc gói này đã được hoàn tác. Hãy đối chiếu ở gói mới nhất.")
		}
		a, err := s.standing(ctx, tx, who, r)
		if err != nil {
			return err
		}
		if err := a.p.MustBeOpen(); err != nil {
			return err
		}
		left, err := a.settle(ctx)
		if err != nil {
			return err
		}
		open = len(left)
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "settle", House: "intake", Object: id, Units: []int64{r.Unit}, Detail: map[string]any{"open": open}})
	})
	return open, err
}
