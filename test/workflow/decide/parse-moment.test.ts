import t from 'tap'
import { parseMoment } from '#workflow/decide/parse-moment.ts'

t.test('moments are numbers and ISO 8601 with a zone, and nothing that depends on the machine', async (t) => {
  const moments: [value: unknown, atMs: number | undefined][] = [
    [0, 0],
    [1_790_000_000_000, 1_790_000_000_000],
    ['2031-05-01', Date.UTC(2031, 4, 1)],
    ['2031-05-01T08:00Z', Date.UTC(2031, 4, 1, 8)],
    ['2031-05-01T08:00:00.250+02:00', Date.UTC(2031, 4, 1, 6, 0, 0, 250)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['2031-05-01T08:00:00', undefined],
    ['2031-02-29', undefined],
    ['2031-02-30T00:00:00Z', undefined],
    ['2031-13-01', undefined],
    ['2031-00-01', undefined],
    ['2031-05-00', undefined],
    ['2031-05-01T24:00Z', undefined],
    ['2031-05-01T08:00+99:00', undefined],
    ['May 1, 2031', undefined],
    ['1790000000000', undefined],
    ['', undefined],
    [8.64e15 + 1, undefined],
    [null, undefined],
    [true, undefined],
    [['2031-05-01'], undefined],
    [{ $json: 'x' }, undefined],
  ]
  for (const [value, atMs] of moments) t.equal(parseMoment(value as never), atMs, JSON.stringify(value))
})
