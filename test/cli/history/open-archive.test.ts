import t from 'tap'
import type { CliContext } from '../../../services/cli/cli-context.ts'
import { openArchive } from '../../../services/cli/history/open-archive.ts'

const context = (env: Record<string, string>) =>
  ({
    env,
    home: '/home/me/.murmur',
    folder: '/home/me/here',
    clock: { monotonicMs: () => 0 },
    terminal: {},
  }) as unknown as CliContext
const place = (env: Record<string, string>, named?: string) => openArchive(context(env), named).store.place

t.test('the archive is the one that is named, that of the settings, or that of this machine', async (t) => {
  t.equal(place({}), '/home/me/.murmur/data/archive')
  t.equal(place({ MURMUR_ARCHIVE: '/srv/archive' }), '/srv/archive')
  t.equal(place({ MURMUR_ARCHIVE: '/srv/archive' }, 'mine'), '/home/me/here/mine')
  const keys = { MURMUR_ARCHIVE_S3_KEY_ID: 'id', MURMUR_ARCHIVE_S3_SECRET: 'secret' }
  t.equal(place(keys, 's3://bucket/north'), 's3://bucket/north/')
  t.throws(() => place({}, 's3://bucket'), { code: 'CONFIG_INVALID' })
})
