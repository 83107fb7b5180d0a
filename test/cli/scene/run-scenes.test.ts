import t from 'tap'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { parseSceneList, renderScenes, runSceneRenderer } from '../../../services/cli/scene/run-scenes.ts'

t.test('what the renderer lists becomes a table', async (t) => {
  t.strictSame(parseSceneList('yard       40 s  an intruder, a van\nodd line\n'), [
    { name: 'yard', seconds: 40, about: 'an intruder, a van' },
  ])
  t.strictSame(parseSceneList(''), [])
  t.strictSame(
    renderScenes(
      [
        { name: 'yard', seconds: 40, about: 'an intruder' },
        { name: 'c', seconds: 100, about: 'x' },
      ],
      {
        paint: noPaint,
      },
    ),
    ['  scene      length  what happens', '  yard       40.0 s  an intruder', '  c      1 min 40 s  x'],
  )
})

t.test('arguments that the renderer refuses are wrong usage', async (t) => {
  const context = { folder: t.testdir(), signal: new AbortController().signal }
  await t.rejects(runSceneRenderer(context, ['rules', 'no-such-scene']), {
    name: 'CliError',
    exitCode: 2,
    code: 'USAGE',
  })
})

t.test('an interrupted command starts no renderer', async (t) => {
  await t.rejects(runSceneRenderer({ folder: '/', signal: AbortSignal.abort() }, ['list']), {
    code: 'INTERRUPTED',
  })
})
