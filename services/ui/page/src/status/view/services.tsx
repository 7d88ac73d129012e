import type { Report, Service } from "../report";
import type { Voice } from "../voice";
import { Fact, Facts, Mark, Panel } from "./panel";

interface Props {
  report: Report;
  now: number;
  stale: boolean;
  voice: Voice;
}

export function Services({ report, now, stale, voice }: Props) {
  const { strings } = voice;
  const services: [keyof typeof strings.serviceNames, Service | null][] = [
    ["ui", report.ui],
    ["recommender", report.recommender],
    ["inference", report.inference],
  ];
  return (
    <Panel part="services" title={strings.services} stale={stale}>
      <div class="services">
        {services.map(([name, service]) => (
          <section key={name} class="service" data-service={name} aria-labelledby={`service-${name}`}>
            <h3 id={`service-${name}`}>{strings.serviceNames[name]}</h3>
            <Mark
              look={stale ? "unknown" : service ? "well" : "down"}
              word={stale ? strings.words.unknown : service ? strings.running : strings.away}
            />
            {service && <ServiceFacts service={service} uiVersion={report.ui.version} now={now} voice={voice} />}
          </section>
        ))}
      </div>
    </Panel>
  );
}

interface FactsProps {
  service: Service;
  uiVersion: string;
  now: number;
  voice: Voice;
}

function ServiceFacts({ service, uiVersion, now, voice: { strings, format } }: FactsProps) {
  const { version, startedAt, residentBytes } = service;
  const other = version !== "" && version !== uiVersion;
  return (
    <Facts>
      <Fact name={strings.version} warn={other}>
        {version || strings.unknown}
        {other && <small>{strings.otherVersion}</small>}
      </Fact>
      <Fact name={strings.upSince}>
        {startedAt === null ? (
          strings.unknown
        ) : (
          <>
            <time dateTime={new Date(startedAt).toISOString()}>{format.moment(startedAt, now)}</time>
            <small>{format.ago(startedAt, now)}</small>
          </>
        )}
      </Fact>
      <Fact name={strings.memory}>{residentBytes > 0 ? format.bytes(residentBytes) : strings.unknown}</Fact>
    </Facts>
  );
}
