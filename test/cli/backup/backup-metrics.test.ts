import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { writeBackupMetrics } from '../../../services/cli/backup/backup-metrics.ts'

t.test(
  'when a backup was made stands in a file that the textfile collector reads, and in no other',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'murmur-metrics-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'collector/murmur_backup.prom')
    writeBackupMetrics(file, {
      startedAtMs: 1_790_000_000_500,
      streams: [{ fileBytes: 3 }, { fileBytes: 4 }],
    })
    writeBackupMetrics(file, { startedAtMs: 1_790_000_060_500, streams: [{ fileBytes: 5 }] })
    t.same(readdirSync(join(folder, 'collector')), ['murmur_backup.prom'])
    const text = readFileSync(file, 'utf8')
    t.match(
      text,
      '# TYPE murmur_backup_timestamp_seconds gauge\nmurmur_backup_timestamp_seconds 1790000060.5\n',
    )
    t.match(text, '\nmurmur_backup_size_bytes 5\n')
  },
)
