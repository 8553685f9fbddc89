import { AcceptLink } from './accept-link.tsx'
import { GuestPage } from './guest-page.tsx'

export default function WelcomePage() {
  return (
    <GuestPage
      title="Welcome to Loopline"
      intro="Create the first admin. Others are invited later, under Settings → People."
    >
      <AcceptLink
        button="Create account"
        broken="This link was used already, has expired, or was replaced by a newer one. Start Loopline again to get a new link."
      />
    </GuestPage>
  )
}
