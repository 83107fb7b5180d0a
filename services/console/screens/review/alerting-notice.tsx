import { Icon } from '../../components/icon.tsx'

/** Said where alerts would stand, while nobody keeps any. */
export function AlertingNotice() {
  return (
    <div className="alerting-notice card" role="status">
      <Icon name="info" size={18} />
      <div>
        <p>
          <strong>No alerting service runs</strong>, so there are no alerts to show.
        </p>
        <p className="dim">
          <code>npm start</code> and <code>murmur dev</code> start one; elsewhere it is one of the video
          agents (<code>services/agents/video-agents.ts</code>). Alerts are shown as soon as it answers.
        </p>
      </div>
    </div>
  )
}
