import { AcceptLink } from './accept-link.tsx'
import { GuestPage } from './guest-page.tsx'

export default function InvitationPage() {
  return (
    <GuestPage title="Join Loopline" intro="You were invited. Choose a name and a password to sign in with.">
      <AcceptLink
        button="Create account"
        broken="This invitation was used already, has expired, or was withdrawn. Ask an admin for a new one."
      />
    </GuestPage>
  )
}
