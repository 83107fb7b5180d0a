import t from 'tap'
import { parsePeersOptions } from '../../../../loadtest/peers/harness/options.ts'

const KNOWN = ['ours', 'first', 'second']

t.test('without arguments: every peer, at the sizes of the recorded run', async (t) => {
  t.strictSame(parsePeersOptions([], KNOWN), {
    only: KNOWN,
    tasks: 500,
    seconds: 10,
    recoverySeconds: 90,
    isInstallOnly: false,
    isRecorded: false,
  })
})

t.test('some of them, in the order of all', async (t) => {
  const options = parsePeersOptions(
    ['--only', 'second,ours', '--seconds', '3', '--record', '--json', 'x.json'],
    KNOWN,
  )
  t.match(options, { only: ['ours', 'second'], seconds: 3, isRecorded: true, json: 'x.json' })
})

t.test('what makes no sense is told', async (t) => {
  for (const argv of [
    ['--only', 'third'],
    ['--tasks', '0'],
    ['--tasks', '5001'],
    ['--seconds', '1.5'],
    ['--recovery-seconds', '121'],
    ['--fast'],
  ])
    t.throws(() => parsePeersOptions(argv, KNOWN), new RegExp(argv[0]!), argv.join(' '))
})
