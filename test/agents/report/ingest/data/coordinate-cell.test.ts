import t from 'tap'
import {
  areCoordinates,
  coordinateDegrees,
} from '../../../../../services/agents/report/ingest/data/coordinate-cell.ts'

t.test('degrees, minutes and seconds; south and west are below zero', async (t) => {
  for (const [cell, degrees] of [
    ['52.5°N', 52.5],
    ['13,25° W', -13.25],
    ['52°30\'36"S', -52.51],
    ['52° 30′ 36.0″ N', 52.51],
    ["N 52° 30.6'", 52.51],
    ['-12.5', -12.5],
  ] as const)
    t.ok(Math.abs(coordinateDegrees(cell)! - degrees) < 1e-12, cell)
  for (const cell of ['20.5°C', 'N', '52°N 13°E', 'N 5 S']) t.equal(coordinateDegrees(cell), undefined, cell)
})

t.test('a column of degrees alone is none of places', async (t) => {
  t.equal(areCoordinates('angle', ['12°', '14°']), false)
  t.equal(areCoordinates('force', ['12 N', '14 N']), false, 'newtons')
  t.equal(areCoordinates('lat', ['12 N', '14 S']), true)
  t.equal(areCoordinates('a', ["12°30'", "13°15'"]), true)
})
