import t from 'tap'
import {
  lineOption,
  monitorDurationOption,
  numberOption,
  zoneOption,
} from '../../../services/cli/monitor/parse-shapes.ts'

const GATE = 'gate=0.1,0.5 0.4,0.5 0.4,0.9 0.1,0.9'

t.test('zones, lines, durations and numbers of the command line', async (t) => {
  t.strictSame(zoneOption(GATE), [
    {
      id: 'gate',
      polygon: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    },
  ])
  t.strictSame(
    zoneOption('b=0,0; 1,0;1,1', zoneOption(GATE)).map(({ id }) => id),
    ['gate', 'b'],
    'several, and with semicolons',
  )
  t.strictSame(lineOption('exit=0.5,0 0.5,1'), [{ id: 'exit', from: [0.5, 0], to: [0.5, 1] }])
  t.strictSame(
    ['1500ms', '30s', '30', '5m', '1.5h'].map(monitorDurationOption),
    [1500, 30_000, 30_000, 300_000, 5_400_000],
  )
  t.equal(numberOption(0.1, 60)('0.5'), 0.5)
  for (const [call, message] of [
    [() => zoneOption('gate=0.1,0.5 0.4,0.5'), 'zone "gate": a polygon needs at least three points'],
    [() => zoneOption('gate=0.1,0.5 0.4,0.5 1.4,0.9'), 'zone "gate": "1.4,0.9" is no point from 0,0 to 1,1'],
    [() => zoneOption('gate=0.1, 0.4,0.5'), /"0.1," is no point/],
    [() => zoneOption('gate=0.1,0.5,0.6 0,0 1,1'), /"0.1,0.5,0.6" is no point/],
    [() => zoneOption('gate='), /at least three points/],
    [() => zoneOption('0.1,0.5'), /must be ID=X,Y/],
    [() => zoneOption('a.b=0,0 1,0 1,1'), /a zone id must be/],
    [() => zoneOption('flat=0,0 0.5,0.5 1,1'), /no area/],
    [() => lineOption('exit=0.5,0'), /needs two points, it has 1/],
    [() => lineOption('exit=0.5,0 0.5,0'), /two different ends/],
  ] as const)
    t.throws(call, { name: 'CliError', exitCode: 2, message, fix: /--(zone|line) '/ })
  for (const text of ['soon', '', '-1s', '1x', '10ms', '25h'])
    t.throws(() => monitorDurationOption(text), { code: 'commander.invalidArgument' }, text)
  for (const text of ['', '0', '61', 'NaN'])
    t.throws(() => numberOption(0.1, 60)(text), { code: 'commander.invalidArgument' })
})
