import t from 'tap'
import { CliError } from '../../../services/cli/cli-error.ts'
import { watchRulesOf } from '../../../services/cli/monitor/build-request.ts'

const RULES = {
  zones: [
    {
      id: 'plaza',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    },
  ],
  rules: [{ id: 'many', kind: 'crowd', zone: 'plaza', minCount: 4 }],
}

t.test('a rules file that is none is told with all its faults and a fix', async (t) => {
  const folder = t.testdir({
    'faulty.json': JSON.stringify({
      zones: [
        {
          id: 'a',
          polygon: [
            [0, 0],
            [1, 1],
          ],
        },
      ],
      rules: [{ id: 'x', kind: 'shouting' }],
    }),
    'zone.json': JSON.stringify({ rules: [{ id: 'x', kind: 'intrusion', zone: 'b' }] }),
    'broken.json': '{',
    'truth.json': JSON.stringify({ schema: 'murmuration.scene-truth/1', frames: [], ...RULES }),
    'large.json': JSON.stringify({ rules: [], padding: 'x'.repeat(300_000) }),
    folder: {},
  })
  const faultOf = (file: string): CliError => {
    try {
      watchRulesOf({ rules: file }, folder)
    } catch (error) {
      if (error instanceof CliError && error.exitCode === 2) return error
      throw error
    }
    throw new Error(`${file} was taken`)
  }
  t.match(faultOf('faulty.json'), {
    message: /^faulty\.json: zones\.0\.polygon: .*three points/,
    fix: /three corners or more/,
  })
  t.match(faultOf('faulty.json').details.join('\n'), /rules\.0\.kind/)
  t.match(faultOf('zone.json'), { message: /there is no zone "b"/, fix: /Name a zone/ })
  t.match(faultOf('broken.json'), { message: /it is not JSON/, fix: /examples\/monitor\/rules\.json/ })
  t.match(faultOf('truth.json'), { message: /truth of a scene/, fix: /scene rules NAME/ })
  t.match(faultOf('large.json'), { message: /large\.json has 293 KiB/ })
  t.match(faultOf('missing.json'), {
    code: 'FILE_UNREADABLE',
    message: 'missing.json: there is no such file',
  })
  t.match(faultOf('folder'), { code: 'FILE_UNREADABLE', message: 'folder: is a folder' })
})
