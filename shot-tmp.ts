import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { findChromium } from './test/support/find-chromium.ts'
const lines = readFileSync('/tmp/vshow/hook.jsonl','utf8').trim().split('\n').map(l=>JSON.parse(l))
const page0 = process.argv[2] ?? lines.find(l=>l.data.camera==='yard')!.pagelink
console.log(page0)
const browser = await chromium.launch({ executablePath: (await findChromium() as any)?.path ?? (await findChromium() as any), args: ['--no-sandbox'] })
for (const scheme of ['light','dark'] as const) for (const [name,width] of [['wide',1100],['phone',400]] as const) {
  const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } })
  page.on('console', m => console.log('console', m.text())); page.on('requestfailed', r => console.log('failed', r.url().slice(0,120), r.failure()?.errorText))
  await page.goto(page0); await page.waitForTimeout(1500)
  console.log(await page.evaluate(`(()=>{const v=document.querySelector('video');const i=document.querySelector('img');return JSON.stringify({video:v&&{ready:v.readyState,w:v.videoWidth,d:v.duration,err:v.error&&v.error.message},img:i&&i.naturalWidth})})()`))
  await page.screenshot({ path: `/tmp/vshow/page-${scheme}-${name}.png`, fullPage: true })
  await page.close()
}
await browser.close()
