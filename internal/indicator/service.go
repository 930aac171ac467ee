package indicator

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/org"
	"giaoban/internal/setting"
	"giaoban/internal/viet"
)

// Service is the house's verbs.
type Service struct {
	db    *db.DB
	clock *clock.Clock
	held  atomic.Pointer[snapshot]
}

type snapshot struct {
	generation string
	catalog    *Catalog
}

// New makes the house.
func New(d *db.DB, c *clock.Clock) *Service { return &Service{db: d, clock: c} }

// Catalog is the catalogue as it stands now.
func (s *Service) Catalog(ctx context.Context) (c *Catalog, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, err = s.In(ctx, tx)
		return err
	})
	return c, err
}

// In is the catalogue as a transaction sees it. It costs one read of a key while nothing has changed.
func (s *Service) In(ctx context.Context, tx *db.Tx) (*Catalog, error) {
	var b db.Batch
	catalog := s.Ask(&b)
	if err := tx.Run(ctx, &b); err != nil {
		return nil, err
	}
	return catalog(ctx, tx)
}

// Ask is In as a part of a batch: what it answers gives the catalogue once the batch has run.
func (s *Service) Ask(b *db.Batch) func(context.Context, *db.Tx) (*Catalog, error) {
	now := ""
	setting.Ask(b, settingGeneration, &now)
	return func(ctx context.Context, tx *db.Tx) (*Catalog, error) { return s.at(ctx, tx, now) }
}

func (s *Service) at(ctx context.Context, tx *db.Tx, now string) (*Catalog, error) {
	if held := s.held.Load(); held != nil && held.generation == now {
		return held.catalog, nil
	}
	c, err := Load(ctx, tx)
	if err != nil {
		return nil, err
	}
	s.held.Store(&snapshot{now, c})
	return c, nil
}

// MayEdit tells whether the actor may edit the site's catalogue.
func (s *Service) MayEdit(ctx context.Context, who auth.Actor) (may bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		may, err = org.HoldsSite(ctx, tx, who, auth.EditCatalog, s.clock.Today())
		return err
	})
	return may, err
}

// History lists what was done to an indicator, newest first.
func (s *Service) History(ctx context.Context, who auth.Actor, code string) (out []audit.Deed, err error) {
	if err := who.Must(auth.View); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = audit.Deeds(ctx, tx, "indicator", code)
		return err
	})
	return out, err
}

// EnsureStarter adds the indicators of the starter catalogue whose codes the site has not; what the site has, it keeps as
// it is.
func (s *Service) EnsureStarter(ctx context.Context) error {
	all, err := starter()
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		have, err := Load(ctx, tx)
		if err != nil {
			return err
		}
		ids, added := map[int64]int64{0: 0}, 0
		next, err := nextID(ctx, tx)
		if err != nil {
			return err
		}
		for _, i := range all {
			if old, ok := have.ByCode(i.Code); ok {
				ids[i.ID] = old.ID
				continue
			}
			ids[i.ID], i.ID = next, next
			i.Numerator, i.Denominator = ids[i.Numerator], ids[i.Denominator]
			if err := insertIndicator(ctx, tx, i); err != nil {
				return err
			}
			next++
			added++
		}
		if added == 0 {
			return nil
		}
		if err := newGeneration(ctx, tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, auth.System(), audit.Act{At: s.clock.Milli(), Verb: "starter", House: "indicator", Detail: map[string]any{"added": added}})
	})
}

// edit runs a change of the catalogue: access, transaction, generation, audit.
func (s *Service) edit(ctx context.Context, who auth.Actor, verb, code, reason string, fn func(*db.Tx, *Catalog) (map[string]any, error)) error {
	if err := who.Must(auth.EditCatalog); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if err := org.MustHoldSite(ctx, tx, who, auth.EditCatalog, s.clock.Today()); err != nil {
			return err
		}
		c, err := Load(ctx, tx)
		if err != nil {
			return err
		}
		detail, err := fn(tx, c)
		if err != nil {
			return err
		}
		if err := newGeneration(ctx, tx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: "indicator", Object: code, Reason: reason, Detail: detail})
	})
}

// Add puts a new indicator into the catalogue. Id and version are given to it; an empty ValidFrom means always, an empty
// ValidTo for ever, and it comes last in its topic when it has no ordinal.
func (s *Service) Add(ctx context.Context, who auth.Actor, i Indicator) (Indicator, error) {
	i.Replaces = 0
	i.tidy()
	err := s.edit(ctx, who, "add", i.Code, "", func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		var err error
		i, err = s.add(ctx, tx, c, i)
		return map[string]any{"name": i.Name}, err
	})
	return i, err
}

func (s *Service) add(ctx context.Context, tx *db.Tx, c *Catalog, i Indicator) (Indicator, error) {
	i.tidy()
	if i.ValidFrom == "" {
		i.ValidFrom = org.Always
	}
	if i.ValidTo == "" {
		i.ValidTo = org.Forever
	}
	if err := i.check(); err != nil {
		return i, err
	}
	if !realDay(i.ValidFrom) || !realDay(i.ValidTo) {
		return i, fault.Invalid("from", "Hãy ghi ngày hiệu lực, ví dụ 1/1/2020.")
	}
	if _, taken := c.ByCode(i.Code); taken {
		return i, fault.Invalidf("code", "Mã chỉ tiêu “%s” đã dùng; mã không được dùng lại.", i.Code)
	}
	for _, id := range []int64{i.Numerator, i.Denominator} {
		if of, ok := c.ByID(id); id != 0 && (!ok || of.Across != Sum) {
			return i, fault.Invalid("numerator", "Tử số và mẫu số phải là chỉ tiêu cộng được giữa các đơn vị.")
		}
	}
	if err := distinct(c, i, append([]string{i.Name}, i.Synonyms...)); err != nil {
		return i, err
	}
	id, err := nextID(ctx, tx)
	if err != nil {
		return i, err
	}
	i.ID, i.Version = id, 1
	if i.Ordinal == 0 {
		i.Ordinal = lastOrdinal(c, i.Topic) + 10
	}
	return i, insertIndicator(ctx, tx, i)
}

func lastOrdinal(c *Catalog, topic string) int {
	last := 0
	for _, i := range c.All() {
		if i.Topic == topic {
			last = max(last, i.Ordinal)
		}
	}
	return last
}

// distinct refuses a name that another living indicator with the same unit goes by: a heading would mean both.
func distinct(c *Catalog, i Indicator, names []string) error {
	for _, name := range names {
		found, _ := c.Match(name, i.Unit)
		for _, other := range found {
			if other.ID == i.ID || other.Retired() || !other.AcceptsUnit(i.Unit) {
				continue
			}
			for _, theirs := range append([]string{other.Name}, other.Synonyms...) {
				if viet.Fold(key(theirs)) == viet.Fold(key(name)) {
					return fault.Invalidf("name", "Tên “%s” đã là tên hoặc tên khác của chỉ tiêu %s (%s).", name, other.Code, other.Name)
				}
			}
		}
	}
	return nil
}

// NewVersion gives an indicator another name, topic, place in it, note or way of being better from next.ValidFrom on;
// version is the one the actor saw. Unit, decimals, measure and the way of adding stay; a change of them is refused.
func (s *Service) NewVersion(ctx context.Context, who auth.Actor, code string, version int, next Indicator) error {
	next.Code = code
	next.tidy()
	return s.edit(ctx, who, "version", next.Code, "", func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		old, err := current(c, code, version)
		if err != nil {
			return nil, err
		}
		next.ID, next.Version, next.Parts = old.ID, old.Version+1, nil
		next.ValidTo = org.Forever
		if next.Ordinal == 0 {
			next.Ordinal = old.Ordinal
		}
		if err := sameMeaning(old, next); err != nil {
			return nil, err
		}
		if err := next.check(); err != nil {
			return nil, err
		}
		if !realDay(next.ValidFrom) || next.ValidFrom <= old.ValidFrom {
			return nil, fault.Invalid("from", "Ngày hiệu lực của bản mới phải sau ngày hiệu lực của bản đang dùng.")
		}
		if err := distinct(c, next, []string{next.Name}); err != nil {
			return nil, err
		}
		switch {
		case !old.Retired():
			err = endVersion(ctx, tx, old, next.ValidFrom)
		case next.ValidFrom < old.ValidTo: // a retired one comes back, not before its end
			err = fault.Invalid("from", "Chỉ tiêu này đã thôi dùng; bản mới phải bắt đầu từ sau ngày đó.")
		}
		if err != nil {
			return nil, err
		}
		return map[string]any{"version": next.Version, "from": next.ValidFrom}, insertVersion(ctx, tx, next)
	})
}

// Retire ends an indicator at a day: forms for periods that end on it or later no longer hold it; its figures stay.
func (s *Service) Retire(ctx context.Context, who auth.Actor, code string, version int, at, reason string) error {
	reason = viet.Clean(reason)
	if reason == "" {
		return fault.Invalid("reason", "Hãy ghi lý do.")
	}
	return s.edit(ctx, who, "retire", code, reason, func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		old, err := current(c, code, version)
		if err != nil {
			return nil, err
		}
		for _, i := range c.All() {
			if !i.Retired() && (i.Numerator == old.ID || i.Denominator == old.ID) {
				return nil, fault.Refusedf("Chỉ tiêu %s đang là tử số hoặc mẫu số của %s. Hãy thôi dùng %s trước.", old.Code, i.Code, i.Code)
			}
		}
		return map[string]any{"at": at}, retire(ctx, tx, old, at)
	})
}

func retire(ctx context.Context, tx *db.Tx, old Indicator, at string) error {
	if !realDay(at) || at <= old.ValidFrom {
		return fault.Invalidf("at", "Ngày thôi dùng phải sau ngày %s là ngày bắt đầu của bản đang dùng.", viet.FormatDate(old.ValidFrom))
	}
	if old.Retired() {
		return fault.Refusedf("Chỉ tiêu %s đã thôi dùng từ ngày %s.", old.Code, viet.FormatDate(old.ValidTo))
	}
	return endVersion(ctx, tx, old, at)
}

// Replace retires an indicator at a day and puts another in its place from that day on: the way to change a unit, the
// decimals, the measure or the way of adding.
func (s *Service) Replace(ctx context.Context, who auth.Actor, code string, version int, at, reason string, next Indicator) (Indicator, error) {
	reason = viet.Clean(reason)
	if reason == "" {
		return next, fault.Invalid("reason", "Hãy ghi lý do.")
	}
	err := s.edit(ctx, who, "replace", code, reason, func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		old, err := current(c, code, version)
		if err != nil {
			return nil, err
		}
		if err := retire(ctx, tx, old, at); err != nil {
			return nil, err
		}
		after, err := Load(ctx, tx) // the old one's names are free for its successor
		if err != nil {
			return nil, err
		}
		next.Replaces, next.ValidFrom, next.ValidTo = old.ID, at, org.Forever
		next, err = s.add(ctx, tx, after, next)
		return map[string]any{"by": next.Code, "at": at}, err
	})
	return next, err
}

// AddPart adds a breakdown. Parts are never taken away: figures may stand in them.
func (s *Service) AddPart(ctx context.Context, who auth.Actor, code string, p Part) error {
	return s.edit(ctx, who, "part", code, "", func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		i, ok := c.ByCode(code)
		if !ok {
			return nil, fault.NotFound()
		}
		i.Parts = append(slices.Clone(i.Parts), p)
		n := len(i.Parts) - 1
		i.tidy()
		if err := i.check(); err != nil {
			return nil, err
		}
		return map[string]any{"part": i.Parts[n].Code}, insertPart(ctx, tx, i.ID, i.Parts[n])
	})
}

// AddSynonym adds another name of the indicator, or (unit) another name of its unit of measure.
func (s *Service) AddSynonym(ctx context.Context, who auth.Actor, code, text string, unit bool) error {
	text = viet.Clean(text)
	if text == "" {
		return fault.Invalid("synonym", "Hãy ghi tên khác.")
	}
	return s.edit(ctx, who, "synonym", code, "", func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		i, ok := c.ByCode(code)
		if !ok {
			return nil, fault.NotFound()
		}
		kind := synonymUnit
		if !unit {
			kind = synonymName
			if err := distinct(c, i, []string{text}); err != nil {
				return nil, err
			}
		}
		_, err := tx.Exec(ctx, `insert into indicator_synonym(indicator, folded, text, kind) values ($1,$2,$3,$4)
			on conflict (indicator, folded, kind) do update set text = excluded.text`, i.ID, viet.Fold(text), text, kind)
		return map[string]any{"kind": kind, "add": text}, err
	})
}

// RemoveSynonym takes another name away again.
func (s *Service) RemoveSynonym(ctx context.Context, who auth.Actor, code, text string, unit bool) error {
	return s.edit(ctx, who, "synonym", code, "", func(tx *db.Tx, c *Catalog) (map[string]any, error) {
		i, ok := c.ByCode(code)
		if !ok {
			return nil, fault.NotFound()
		}
		kind := synonymName
		if unit {
			kind = synonymUnit
		}
		n, err := tx.Exec(ctx, `delete from indicator_synonym where indicator = $1 and folded = $2 and kind = $3`, i.ID, viet.Fold(text), kind)
		if err == nil && n == 0 {
			err = fault.NotFound()
		}
		return map[string]any{"kind": kind, "remove": text}, err
	})
}

// current finds the version that an edit builds on, and refuses when it is not the one that the actor saw.
func current(c *Catalog, code string, version int) (Indicator, error) {
	i, ok := c.ByCode(code)
	if !ok {
		return i, fault.NotFound()
	}
	if i.Version != version {
		return i, stale(i)
	}
	return i, nil
}

func realDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
