import t from 'tap'
import {
  ZONE_PATTERN,
  zoneMs,
  zoneText,
} from '../../../../../services/agents/report/ingest/data/time-zone.ts'

t.test('zones in numbers and letters', async (t) => {
  const hours = (zone: string) => zoneMs(new RegExp(`^${ZONE_PATTERN}$`).exec(zone)?.groups?.zone) / 3_600_000
  t.same(
    ['Z', '+02:00', '-0530', '+01', 'GMT+02', 'EST', 'CEST', '+01:00[Europe/Berlin]', '+0100 (CET)'].map(
      hours,
    ),
    [0, 2, -5.5, 1, 2, -5, 2, 1, 1],
  )
  t.equal(zoneText(7_200_000), '+02:00')
  t.equal(zoneText(-19_800_000), '−05:30')
})
