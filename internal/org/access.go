package org

import (
	"fmt"

	"giaoban/internal/auth"
)

// Within limits a query to units where the actor holds a permission. unit and day are SQL expressions: the unit the row
// belongs to, and the row's day (the period's last day, or today's placeholder for rows without one); what counts is who
// held the unit on that day, or holds it now. It uses the placeholders $first (person), $first+1 (permission) and
// $first+2 (today) with the values of WithinArgs. Every select of a house carries it.
func Within(unit, day string, first int) string {
	return fmt.Sprintf(` ($%[3]d = 'system' or exists (select 1 from access_grant g
	join access_role_permission rp on rp.role = g.role and rp.permission = $%[4]d
	join unit_ancestor ga on ga.unit = %[1]s and ga.hierarchy in (1, 11) and ga.ancestor = g.unit
		and ga.weight > 0 and ga.valid_from <= %[2]s and %[2]s < ga.valid_to
	where g.person = $%[3]d and g.valid_from <= $%[5]d and $%[5]d < g.valid_to)) `, unit, day, first, first+1, first+2)
}

// WithinArgs gives Within's three values.
func WithinArgs(who auth.Actor, p auth.Permission, today string) []any {
	return []any{who.Person, string(p), today}
}
