package briefing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/doc"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/period"
	"giaoban/internal/task"
)

// nameOn joins a unit with the name that it bore on the briefing's day; a unit of 0 joins nothing.
func nameOn(alias, unit string) string {
	return fmt.Sprintf(` left join unit %[1]su on %[1]su.id = %[2]s left join unit_name %[1]s on %[1]s.unit = %[2]s and %[1]s.valid_from =
		(select max(m.valid_from) from unit_name m where m.unit = %[2]s and m.valid_from <= b.day) `, alias, unit)
}

const columns = ` b.id, b.unit, b.period, b.state, b.starts, b.ends, b.day, b.venue, b.system, b.issuer_parent, b.issuer, b.issuer_sub, b.symbol,
	b.city, b.office, b.summons_number, b.summons_date, b.notice_number, b.notice_date, b.sequence, b.changed, b.concluder, b.concluded_at,
	b.concluded_person, b.conclusion, b.hash, b.reason, b.version, pu.code, coalesce(p.name, ''), d.code `

var from = ` from briefing b join period d on d.id = b.period` + nameOn("p", "b.unit")

const partySystem, stateSystem = "party", "state"

func scan(rows *sql.Rows) (Briefing, error) {
	var b Briefing
	var starts, ends int64
	var system string
	err := rows.Scan(&b.ID, &b.Unit, &b.Period, &b.State, &starts, &ends, &b.Day, &b.Venue, &system, &b.IssuerParent, &b.Issuer, &b.IssuerSub,
		&b.Symbol, &b.City, &b.Office, &b.Summons.Number, &b.Summons.Date, &b.Notice.Number, &b.Notice.Date, &b.Sequence, &b.Changed, &b.Concluder,
		&b.ConcludedAt, &b.ConcludedPerson, &b.Conclusion, &b.Hash, &b.Reason, &b.Version, &b.UnitCode, &b.UnitName, &b.PeriodCode)
	if err != nil {
		return b, err
	}
	b.Start, b.End = clock.At(starts), clock.At(ends)
	if system == partySystem {
		b.System = doc.Party
	}
	p, err := period.Parse(b.PeriodCode)
	b.PeriodName, b.Slug = p.Name(), p.Slug()
	return b, err
}

func systemText(s doc.System) string {
	if s == doc.Party {
		return partySystem
	}
	return stateSystem
}

// atPlace limits a query to briefings of places where the actor holds the permission; visible adds those to which a body
// of the actor's is invited. Placeholders as org.Within.
func atPlace(first int) string { return org.Within("b.unit", "b.day", first) }

func visible(first int) string {
	return ` (` + atPlace(first) + ` or exists (select 1 from briefing_participant bp where bp.briefing = b.id and bp.unit <> 0
		and` + org.Within("bp.unit", "b.day", first) + `)) `
}

func one(list []Briefing, err error) (Briefing, error) {
	if err != nil {
		return Briefing{}, err
	}
	if len(list) == 0 {
		return Briefing{}, fault.NotFound()
	}
	return list[0], nil
}

// head reads a briefing without what belongs to it.
func head(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, id, today string, scope func(int) string) (Briefing, error) {
	return one(db.Collect(ctx, tx, scan, `select`+columns+from+` where b.id = $1 and`+scope(2), append([]any{id}, org.WithinArgs(who, p, today)...)...))
}

// find reads a briefing with all that belongs to it.
func find(ctx context.Context, tx *db.Tx, who auth.Actor, p auth.Permission, id, today string, scope func(int) string) (Briefing, error) {
	b, err := head(ctx, tx, who, p, id, today, scope)
	if err != nil {
		return b, err
	}
	return b, fill(ctx, tx, &b)
}

func fill(ctx context.Context, tx *db.Tx, b *Briefing) error {
	for _, step := range []func(context.Context, *db.Tx, *Briefing) error{fillParticipants, fillItems, fillStatements, fillFindings, fillPoints, fillSupplements} {
		if err := step(ctx, tx, b); err != nil {
			return fmt.Errorf("briefing %s: %w", b.ID, err)
		}
	}
	return nil
}

func fillParticipants(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Participants, err = db.Collect(ctx, tx, func(r *sql.Rows) (Participant, error) {
		var p Participant
		err := r.Scan(&p.ID, &p.Ordinal, &p.Role, &p.Unit, &p.UnitCode, &p.UnitName, &p.Person, &p.Title, &p.Attendance, &p.Reason,
			&p.Substitute, &p.SubstituteTitle, &p.Version)
		return p, err
	}, `select x.id, x.ordinal, x.role, x.unit, coalesce(uu.code, ''), coalesce(u.name, ''), x.person, x.title, x.attendance, x.reason,
		x.substitute, x.substitute_title, x.version from briefing_participant x join briefing b on b.id = x.briefing`+nameOn("u", "x.unit")+`
		where x.briefing = $1 order by x.ordinal, x.id`, b.ID)
	slices.SortStableFunc(b.Participants, func(x, y Participant) int { return slices.Index(Roles, x.Role) - slices.Index(Roles, y.Role) })
	return err
}

func fillItems(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Items, err = db.Collect(ctx, tx, func(r *sql.Rows) (Item, error) {
		var i Item
		err := r.Scan(&i.ID, &i.Ordinal, &i.Kind, &i.Source, &i.Title, &i.Text, &i.URL, &i.Minutes, &i.Presenter, &i.Edited, &i.Removed, &i.Version)
		return i, err
	}, `select id, ordinal, kind, source, title, text, url, minutes, presenter, edited, removed, version from briefing_item
		where briefing = $1 order by ordinal, id`, b.ID)
	return err
}

func fillStatements(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Statements, err = db.Collect(ctx, tx, func(r *sql.Rows) (Statement, error) {
		var s Statement
		err := r.Scan(&s.ID, &s.Ordinal, &s.Clock, &s.Unit, &s.UnitName, &s.Speaker, &s.Title, &s.Kind, &s.Text, &s.Version)
		return s, err
	}, `select x.id, x.ordinal, x.clock, x.unit, coalesce(u.name, ''), x.speaker, x.title, x.kind, x.text, x.version from briefing_statement x
		join briefing b on b.id = x.briefing`+nameOn("u", "x.unit")+` where x.briefing = $1 order by x.ordinal, x.id`, b.ID)
	return err
}

func fillFindings(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Findings, err = db.Collect(ctx, tx, func(r *sql.Rows) (Finding, error) {
		var f Finding
		err := r.Scan(&f.ID, &f.Ordinal, &f.Kind, &f.Text, &f.Evidence, &f.URL, &f.Source, &f.Version)
		return f, err
	}, `select id, ordinal, kind, text, evidence, url, source, version from briefing_finding where briefing = $1 order by ordinal, id`, b.ID)
	slices.SortStableFunc(b.Findings, func(x, y Finding) int {
		return slices.Index(FindingKinds, x.Kind) - slices.Index(FindingKinds, y.Kind)
	})
	return err
}

func fillPoints(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Points, err = db.Collect(ctx, tx, func(r *sql.Rows) (Point, error) {
		var p Point
		err := r.Scan(&p.ID, &p.Ordinal, &p.Kind, &p.Text, &p.Version)
		return p, err
	}, `select id, ordinal, kind, text, version from briefing_point where briefing = $1 order by ordinal, id`, b.ID)
	if err != nil || len(b.Points) == 0 {
		return err
	}
	at := map[string]int{}
	for i := range b.Points {
		b.Points[i].Ordinal = i + 1 // numbers run on where a point was taken out
		at[b.Points[i].ID] = i
	}
	var partners []string
	demands, err := db.Collect(ctx, tx, func(r *sql.Rows) (Demand, error) {
		var d Demand
		var with string
		err := r.Scan(&d.ID, &d.Point, &d.Ordinal, &d.Lead, &d.LeadName, &with, &d.Text, &d.Evidence, &d.Due, &d.Indicator, &d.Part, &d.Of, &d.Wanted, &d.Version)
		partners = append(partners, with)
		return d, err
	}, `select x.id, x.point, x.ordinal, x.lead, coalesce(u.name, ''), x.partners, x.text, x.evidence, x.due, x.indicator, x.part, x.goal_of, x.wanted, x.version
		from briefing_demand x join briefing b on b.id = x.briefing`+nameOn("u", "x.lead")+` where x.briefing = $1 order by x.ordinal, x.id`, b.ID)
	if err != nil {
		return err
	}
	for i, d := range demands {
		if d.With, d.Partners, err = readPartners(ctx, tx, partners[i], b.Day); err != nil {
			return err
		}
		p := &b.Points[at[d.Point]]
		p.Demands = append(p.Demands, d)
	}
	return nil
}

// partnersText holds the co-ordinating bodies of a demand in one column: they are read with it and never asked for alone.
func partnersText(with []int64) string {
	out := make([]string, len(with))
	for i, id := range with {
		out[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(out, ",")
}

func readPartners(ctx context.Context, tx *db.Tx, text, day string) (with []int64, names []string, err error) {
	for _, f := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		id, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return nil, nil, err
		}
		u, err := org.FindID(ctx, tx, id, day)
		if err != nil {
			return nil, nil, err
		}
		with, names = append(with, id), append(names, u.Name)
	}
	return with, names, nil
}

func fillSupplements(ctx context.Context, tx *db.Tx, b *Briefing) (err error) {
	b.Supplements, err = db.Collect(ctx, tx, func(r *sql.Rows) (Supplement, error) {
		var s Supplement
		err := r.Scan(&s.ID, &s.Ordinal, &s.At, &s.Person, &s.By, &s.Day, &s.Document, &s.Reason, &s.Text)
		if s.Person == auth.System().Person {
			s.By = auth.System().Name
		}
		return s, err
	}, `select x.id, x.ordinal, x.at, x.person, coalesce(p.name, ''), x.day, x.document, x.reason, x.text from briefing_supplement x
		left join person p on p.id = x.person where x.briefing = $1 order by x.ordinal, x.id`, b.ID)
	return err
}

func insert(ctx context.Context, tx *db.Tx, b Briefing, made int64) error {
	_, err := tx.Exec(ctx, `insert into briefing(id, unit, period, state, starts, ends, day, venue, system, issuer_parent, issuer, issuer_sub, symbol, city,
		office, summons_number, summons_date, notice_number, notice_date, sequence, changed, concluder, concluded_at, concluded_person, conclusion, hash,
		reason, made, version) values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,'','',0,$18,'',0,'','','','',$19,1)`,
		b.ID, b.Unit, b.Period, string(b.State), b.Start.UnixMilli(), b.End.UnixMilli(), b.Day, b.Venue, systemText(b.System), b.IssuerParent, b.Issuer,
		b.IssuerSub, b.Symbol, b.City, b.Office, b.Summons.Number, b.Summons.Date, b.Changed, made)
	return err
}

// update writes the briefing's own row if it is still the one that the actor saw.
func update(ctx context.Context, tx *db.Tx, b Briefing, version int) error {
	n, err := tx.Exec(ctx, `update briefing set state = $3, starts = $4, ends = $5, day = $6, venue = $7, system = $8, issuer_parent = $9, issuer = $10,
		issuer_sub = $11, symbol = $12, city = $13, office = $14, summons_number = $15, summons_date = $16, notice_number = $17, notice_date = $18,
		sequence = $19, changed = $20, concluder = $21, concluded_at = $22, concluded_person = $23, conclusion = $24, hash = $25, reason = $26,
		version = version + 1 where id = $1 and version = $2`,
		b.ID, version, string(b.State), b.Start.UnixMilli(), b.End.UnixMilli(), b.Day, b.Venue, systemText(b.System), b.IssuerParent, b.Issuer,
		b.IssuerSub, b.Symbol, b.City, b.Office, b.Summons.Number, b.Summons.Date, b.Notice.Number, b.Notice.Date, b.Sequence, b.Changed,
		b.Concluder, b.ConcludedAt, b.ConcludedPerson, b.Conclusion, b.Hash, b.Reason)
	return fresh(n, err)
}

// fresh turns an update that met no row into a conflict.
func fresh(n int64, err error) error {
	if err == nil && n == 0 {
		return fault.Conflict("Nội dung này vừa được người khác sửa hoặc bỏ. Hãy mở lại trang để xem bản mới rồi làm tiếp.")
	}
	return err
}

func nextOrdinal(ctx context.Context, tx *db.Tx, table, briefing string) (n int, err error) {
	err = tx.QueryRow(ctx, `select coalesce(max(ordinal), 0) + 1 from `+table+` where briefing = $1`, briefing).Scan(&n)
	return n, err
}

// drop deletes a row of one of the briefing's lists.
func drop(ctx context.Context, tx *db.Tx, table, briefing, id string, version int) error {
	return fresh(tx.Exec(ctx, `delete from `+table+` where id = $1 and briefing = $2 and version = $3`, id, briefing, version))
}

// putParticipant, putStatement … add a row when it has no id, else change it if it is still the one that the actor saw.
func putParticipant(ctx context.Context, tx *db.Tx, briefing string, p Participant) error {
	if p.ID != "" {
		return fresh(tx.Exec(ctx, `update briefing_participant set role = $4, unit = $5, person = $6, title = $7, attendance = $8, reason = $9,
			substitute = $10, substitute_title = $11, version = version + 1 where id = $1 and briefing = $2 and version = $3`,
			p.ID, briefing, p.Version, string(p.Role), p.Unit, p.Person, p.Title, string(p.Attendance), p.Reason, p.Substitute, p.SubstituteTitle))
	}
	n, err := nextOrdinal(ctx, tx, "briefing_participant", briefing)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into briefing_participant(id, briefing, ordinal, role, unit, person, title, attendance, reason, substitute, substitute_title, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,1)`, db.NewID(), briefing, n, string(p.Role), p.Unit, p.Person, p.Title, string(p.Attendance),
		p.Reason, p.Substitute, p.SubstituteTitle)
	return err
}

func putStatement(ctx context.Context, tx *db.Tx, briefing string, s Statement) error {
	if s.ID != "" {
		return fresh(tx.Exec(ctx, `update briefing_statement set clock = $4, unit = $5, speaker = $6, title = $7, kind = $8, text = $9, version = version + 1
			where id = $1 and briefing = $2 and version = $3`, s.ID, briefing, s.Version, s.Clock, s.Unit, s.Speaker, s.Title, string(s.Kind), s.Text))
	}
	n, err := nextOrdinal(ctx, tx, "briefing_statement", briefing)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into briefing_statement(id, briefing, ordinal, clock, unit, speaker, title, kind, text, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,1)`, db.NewID(), briefing, n, s.Clock, s.Unit, s.Speaker, s.Title, string(s.Kind), s.Text)
	return err
}

func putFinding(ctx context.Context, tx *db.Tx, briefing string, f Finding) error {
	if f.ID != "" {
		return fresh(tx.Exec(ctx, `update briefing_finding set kind = $4, text = $5, evidence = $6, version = version + 1
			where id = $1 and briefing = $2 and version = $3`, f.ID, briefing, f.Version, string(f.Kind), f.Text, f.Evidence))
	}
	n, err := nextOrdinal(ctx, tx, "briefing_finding", briefing)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into briefing_finding(id, briefing, ordinal, kind, text, evidence, url, source, version) values ($1,$2,$3,$4,$5,$6,$7,$8,1)`,
		db.NewID(), briefing, n, string(f.Kind), f.Text, f.Evidence, f.URL, f.Source)
	return err
}

func putPoint(ctx context.Context, tx *db.Tx, briefing string, p Point) (string, error) {
	if p.ID != "" {
		return p.ID, fresh(tx.Exec(ctx, `update briefing_point set kind = $4, text = $5, version = version + 1 where id = $1 and briefing = $2 and version = $3`,
			p.ID, briefing, p.Version, string(p.Kind), p.Text))
	}
	n, err := nextOrdinal(ctx, tx, "briefing_point", briefing)
	if err != nil {
		return "", err
	}
	id := db.NewID()
	_, err = tx.Exec(ctx, `insert into briefing_point(id, briefing, ordinal, kind, text, version) values ($1,$2,$3,$4,$5,1)`, id, briefing, n, string(p.Kind), p.Text)
	return id, err
}

func putDemand(ctx context.Context, tx *db.Tx, briefing string, d Demand) error {
	if d.Of == "" {
		d.Of = task.OfPlace
	}
	if d.ID != "" {
		return fresh(tx.Exec(ctx, `update briefing_demand set lead = $4, partners = $5, text = $6, evidence = $7, due = $8, indicator = $9, part = $10,
			goal_of = $11, wanted = $12, version = version + 1 where id = $1 and briefing = $2 and version = $3`,
			d.ID, briefing, d.Version, d.Lead, partnersText(d.With), d.Text, d.Evidence, d.Due, d.Indicator, d.Part, string(d.Of), d.Wanted))
	}
	n, err := nextOrdinal(ctx, tx, "briefing_demand", briefing)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into briefing_demand(id, briefing, point, ordinal, lead, partners, text, evidence, due, indicator, part, goal_of, wanted, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,1)`, db.NewID(), briefing, d.Point, n, d.Lead, partnersText(d.With), d.Text, d.Evidence, d.Due,
		d.Indicator, d.Part, string(d.Of), d.Wanted)
	return err
}

func putItem(ctx context.Context, tx *db.Tx, briefing string, i Item) error {
	if i.ID != "" {
		return fresh(tx.Exec(ctx, `update briefing_item set ordinal = $4, title = $5, text = $6, url = $7, minutes = $8, presenter = $9, edited = $10, removed = $11,
			version = version + 1 where id = $1 and briefing = $2 and version = $3`,
			i.ID, briefing, i.Version, i.Ordinal, i.Title, i.Text, i.URL, i.Minutes, i.Presenter, i.Edited, i.Removed))
	}
	_, err := tx.Exec(ctx, `insert into briefing_item(id, briefing, ordinal, kind, source, title, text, url, minutes, presenter, edited, removed, version)
		values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,1)`, db.NewID(), briefing, i.Ordinal, string(i.Kind), i.Source, i.Title, i.Text, i.URL, i.Minutes,
		i.Presenter, i.Edited, i.Removed)
	return err
}

// storeItems writes what is different between two agendas.
func storeItems(ctx context.Context, tx *db.Tx, briefing string, old, items []Item) error {
	was := map[string]Item{}
	for _, i := range old {
		was[i.ID] = i
	}
	for _, i := range items {
		before, known := was[i.ID]
		delete(was, i.ID)
		if known && before == i {
			continue
		}
		if err := putItem(ctx, tx, briefing, i); err != nil {
			return err
		}
	}
	for id, i := range was {
		if err := drop(ctx, tx, "briefing_item", briefing, id, i.Version); err != nil {
			return err
		}
	}
	return nil
}
