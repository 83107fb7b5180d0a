import t from 'tap'
import { CLI_FAULTS, CliError } from '../../services/cli/cli-error.ts'

t.test('a fault brings its exit code and its fix from the catalogue', async (t) => {
  t.match(new CliError('NO_STACK', 'none runs here'), {
    name: 'CliError',
    code: 'NO_STACK',
    message: 'none runs here',
    exitCode: 4,
    fix: CLI_FAULTS.NO_STACK.fix,
    details: [],
  })
})

t.test('a better fix, details and the cause are kept', async (t) => {
  const cause = new Error('disk')
  const error = new CliError('USAGE', 'no', { fix: 'Write yes.', details: ['line 3'], cause })
  t.match(error, { exitCode: 2, fix: 'Write yes.', details: ['line 3'] })
  t.equal(error.cause, cause)
  t.notOk('cause' in new CliError('USAGE', 'no'), 'none is none')
})

t.test('every fault says how to mend it', async (t) => {
  for (const [code, { fix }] of Object.entries(CLI_FAULTS)) t.match(fix, /^[A-Z`].*[.`]?$/s, code)
})
