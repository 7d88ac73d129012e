import { Icon, type IconName } from "../parts/icon";
import { LanguageSwitch } from "../parts/language-switch";
import { TroubleNote } from "../parts/trouble-note";
import { useAction } from "../state/action";
import { hrefOf, type Route } from "../state/route";
import { useTeaching } from "../state/teaching";

export function Menu() {
  const { language, choose, session } = useTeaching();
  const { strings, code } = language;
  const { busy, trouble, run } = useAction();
  const { device } = strings;
  return (
    <>
      <ul class="rows menu">
        <Entry to={{ view: "changes" }} sign="clock" name={strings.changes.title} />
        <Entry to={{ view: "data" }} sign="file" name={strings.data.title} />
        <Entry to={{ view: "device" }} sign="device" name={device.title} />
        <Entry to={{ view: "security" }} sign="lock" name={strings.session.security} />
      </ul>
      <section>
        <h2>{strings.language}</h2>
        <LanguageSwitch language={language} choose={choose} />
      </section>
      <section>
        <h2>{device.pages}</h2>
        <ul class="rows menu">
          <Page href={`/?lang=${code}`} name={device.kiosk} />
          <Page href={`/space?lang=${code}`} name={device.space} />
          <Page href={`/status?lang=${code}`} name={device.status} />
        </ul>
      </section>
      <TroubleNote trouble={trouble} strings={strings} />
      <button
        type="button"
        class="button wide"
        data-sign-out
        aria-disabled={busy}
        onClick={() => run(() => session.signOut())}
      >
        {strings.session.signOut}
      </button>
    </>
  );
}

function Entry({ to, sign, name }: { to: Route; sign: IconName; name: string }) {
  return (
    <li>
      <a class="row" href={hrefOf(to)} data-entry={to.view}>
        <Icon name={sign} />
        <span class="row-name">{name}</span>
        <Icon name="right" />
      </a>
    </li>
  );
}

function Page({ href, name }: { href: string; name: string }) {
  return (
    <li>
      <a class="row" href={href}>
        <span class="row-name">{name}</span>
        <Icon name="open" />
      </a>
    </li>
  );
}
