import t from 'tap'
import { ownSettings } from '../../../../deploy/local/stack/own-settings.ts'

const ENV = {
  PATH: '/bin',
  MURMUR_LOG_LEVEL: 'info',
  MURMUR_NATS_URL: 'nats://me:pw@127.0.0.1:4222',
  MURMUR_NATS_CREDENTIALS: '/x',
  MURMUR_SECRET_GITHUB_TOKEN: 'hush',
  MURMUR_SECRETS_DIR: '/secrets',
  MURMUR_SECRETS_ALLOW: 'GITHUB_TOKEN@https://api.github.com',
  MURMUR_ALERT_WEBHOOK_SECRET: 'hush',
  MURMUR_ALERT_SLACK_URL: 'https://hooks.example/hush',
  MURMUR_LINK_KEYS: 'hush',
  MURMUR_CAMERA_SECRETS: '/cameras.json',
  MURMUR_SEAL_KEYS_FILE: '/seal-keys',
  MURMUR_PLATFORM_KEYS: '/platform-keys',
  MURMUR_EDGE_TLS_KEY: '/key',
  AWS_SECRET_ACCESS_KEY: 'hush',
  GITHUB_TOKEN: 'hush',
  DB_PASSWORD: 'hush',
}
const COMMON = ['PATH', 'MURMUR_LOG_LEVEL', 'MURMUR_NATS_URL', 'MURMUR_NATS_CREDENTIALS']

t.test('each service finds its own secrets in its environment, and no others', async (t) => {
  const own = (main: string) => Object.keys(ownSettings(main, ENV)).filter((name) => !COMMON.includes(name))
  t.strictSame(own('/x/services/agents/report/ingest/main.ts'), [], 'who reads files of strangers has none')
  t.strictSame(own('/x/services/agents/report-agents.ts'), [])
  t.strictSame(own('/x/services/agents/video/detection/main.ts'), [])
  t.strictSame(own('/x/services/orchestrator/main.ts'), ['MURMUR_SEAL_KEYS_FILE', 'MURMUR_PLATFORM_KEYS'])
  t.strictSame(own('/x/services/edge/main.ts'), [
    'MURMUR_LINK_KEYS',
    'MURMUR_PLATFORM_KEYS',
    'MURMUR_EDGE_TLS_KEY',
  ])
  t.strictSame(own('/x/services/agents/api-caller/main.ts'), [
    'MURMUR_SECRET_GITHUB_TOKEN',
    'MURMUR_SECRETS_DIR',
    'MURMUR_SECRETS_ALLOW',
  ])
  t.strictSame(own('/x/services/agents/video-agents.ts'), [
    'MURMUR_ALERT_WEBHOOK_SECRET',
    'MURMUR_ALERT_SLACK_URL',
    'MURMUR_LINK_KEYS',
    'MURMUR_CAMERA_SECRETS',
    'MURMUR_SEAL_KEYS_FILE',
  ])
  t.strictSame(own('/home/me/my-agent.ts'), ['AWS_SECRET_ACCESS_KEY', 'GITHUB_TOKEN', 'DB_PASSWORD'])
  for (const main of ['/x/services/edge/main.ts', '/home/me/my-agent.ts'])
    t.match(ownSettings(main, ENV), { PATH: '/bin', MURMUR_NATS_URL: /./ }, 'and what all need')
})
