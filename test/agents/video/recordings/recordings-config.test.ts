import t from 'tap'
import { FolderStore } from '#platform/storage/folder-store.ts'
import { S3Store } from '#platform/storage/s3-store.ts'
import { loadRecordingsConfig } from '../../../../services/agents/video/recordings/recordings-config.ts'

const DIR = { MURMUR_RECORDINGS_DIR: '/var/recordings' }

t.test('nothing is recorded unless a folder is named', async (t) => {
  t.equal(loadRecordingsConfig({}), undefined)
  t.equal(loadRecordingsConfig({ MURMUR_RECORDINGS_DIR: 'off' }), undefined)
  t.match(loadRecordingsConfig(DIR), {
    folder: '/var/recordings',
    archive: undefined,
    limits: { freeBytes: 2 * 2 ** 30 },
  })
})

t.test('what is worth more is kept for as long at least', async (t) => {
  const config = loadRecordingsConfig({ ...DIR, MURMUR_RECORDINGS_DAYS: '40' })
  const { plain, active, alert } = config!.limits.keepMs
  t.strictSame([active, alert], [plain, plain])
})

t.test('an archive is a folder, or a bucket with its keys', async (t) => {
  const archive = (MURMUR_RECORDINGS_ARCHIVE: string, more = {}) =>
    loadRecordingsConfig({ ...DIR, MURMUR_RECORDINGS_ARCHIVE, ...more })?.archive
  t.ok(archive('/mnt/archive') instanceof FolderStore)
  t.throws(() => archive('s3://bucket/yard'), { code: 'CONFIG_INVALID', message: /S3_KEY_ID/ })
  const keys = { MURMUR_RECORDINGS_S3_KEY_ID: 'id', MURMUR_RECORDINGS_S3_SECRET: 'secret' }
  const store = archive('s3://bucket/yard/', keys)
  t.ok(store instanceof S3Store)
  t.equal(store?.place, 's3://bucket/yard/')
  t.throws(() => loadRecordingsConfig({ ...DIR, MURMUR_RECORDINGS_GIB: '-1' }), { code: 'CONFIG_INVALID' })
})
