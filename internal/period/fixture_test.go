package period

import (
	"context"
	"testing"
	"time"

	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/org"
)

// fixture makes a town with a ward, and three people: the town's office, a reader, and an officer of the ward. It gives the
// town's office.
func fixture(t *testing.T, d *db.DB) auth.Actor {
	t.Helper()
	units := org.New(d, clock.Fixed(time.Date(2019, 10, 1, 8, 0, 0, 0, clock.Zone)))
	if err := units.Load(context.Background(), auth.System(), []org.Spec{
		{Code: "TX", Kind: org.Place, Level: org.Town, Name: "Thị xã Bình Giang"},
		{Code: "P01", Kind: org.Place, Level: org.Commune, Name: "Phường 1", Parent: "TX"},
	}); err != nil {
		t.Fatal(err)
	}
	exec(t, d, `insert into access_role(code, name, ordinal) values ('office', 'Văn phòng', 1), ('reader', 'Người xem', 2)`)
	exec(t, d, `insert into access_role_permission(role, permission) values ('office', 'view'), ('office', 'consolidate'),
		('office', 'edit-catalog'), ('reader', 'view')`)
	for _, g := range []struct {
		person, role string
		unit         int64
	}{{"office", "office", 1}, {"viewer", "reader", 1}, {"ward", "office", 2}} {
		exec(t, d, `insert into person(id, login, name, sort, password, language, disabled, made, version)
			values ($1, $1, $1, '', '', 'vi', $2, 0, 1)`, g.person, false)
		exec(t, d, `insert into access_grant(id, person, role, unit, valid_from, valid_to) values ($1,$1,$2,$3,$4,$5)`,
			g.person, g.role, g.unit, org.Always, org.Forever)
	}
	return actor("office", 1, auth.View, auth.Consolidate)
}

func actor(person string, unit int64, permissions ...auth.Permission) auth.Actor {
	return auth.Actor{Person: person, Name: person, Grants: []auth.Grant{{Role: "office", Unit: unit, Permissions: permissions}}}
}
