import t from 'tap'
import { loadArchiveConfig, openArchiveStore } from '../../../services/orchestrator/history/archive-config.ts'
import { FolderStore } from '../../../services/platform/storage/folder-store.ts'
import { S3Store } from '../../../services/platform/storage/s3-store.ts'

const open = (env: Record<string, string>) => openArchiveStore(loadArchiveConfig(env))
const KEYS = { MURMUR_ARCHIVE_S3_KEY_ID: 'id', MURMUR_ARCHIVE_S3_SECRET: 'secret' }

t.test('a place is a folder or a bucket; without one nothing is archived', async (t) => {
  t.equal(open({}), undefined)
  t.equal(open({ MURMUR_ARCHIVE: 'off' }), undefined)
  const folder = open({ MURMUR_ARCHIVE: '/var/lib/murmur/archive' })
  t.ok(folder instanceof FolderStore)
  t.equal(folder?.place, '/var/lib/murmur/archive')
  for (const [place, shown] of [
    ['s3://my-bucket', 's3://my-bucket/'],
    ['s3://my-bucket/', 's3://my-bucket/'],
    ['s3://my-bucket/team/north/', 's3://my-bucket/team/north/'],
  ] as const) {
    const bucket = open({ MURMUR_ARCHIVE: place, ...KEYS })
    t.ok(bucket instanceof S3Store)
    t.equal(bucket?.place, shown)
  }
})

t.test('a bucket without keys, and what is no place, are faults of the configuration', async (t) => {
  t.throws(() => open({ MURMUR_ARCHIVE: 's3://my-bucket' }), { code: 'CONFIG_INVALID', message: /S3_KEY_ID/ })
  t.throws(() => open({ MURMUR_ARCHIVE: 's3://' }), { code: 'CONFIG_INVALID', message: /MURMUR_ARCHIVE/ })
  t.throws(() => open({ MURMUR_ARCHIVE_DAYS: '0' }), { code: 'CONFIG_INVALID' })
  t.throws(() => open({ MURMUR_ARCHIVE_S3_ENDPOINT: 'ftp://x' }), { code: 'CONFIG_INVALID' })
})
