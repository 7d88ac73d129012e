import type { Language } from "../../../language/choose";
import type { KioskStrings } from "../../../strings/kiosk";
import { pictureOf } from "../../story/load";
import type { Told } from "../../story/run";
import { stepsOf } from "../../story/steps";
import { GoesWith } from "./goes-with";
import { Nearest } from "./nearest";
import { Numbers } from "./numbers";

interface Props {
  told: Told;
  language: Language<KioskStrings>;
}

/** How the mirror knows a product, step by step. For the eye: it repeats for ever, so that a screen reader is told once. */
export function StoryView({ told: { story, step }, language }: Props) {
  const { strings, locale } = language;
  const steps = stepsOf(story);
  return (
    <section class="story" data-step={step}>
      <p class="spoken">{strings.story.about}</p>
      <div class="story-told" aria-hidden="true">
        <div class="story-figure">
          {/* One element for all steps: it only moves aside. */}
          <img class="story-picture" alt="" src={pictureOf(story)} />
          {step === "embedding" && <Numbers values={story.embedding} />}
          {step === "nearest" && <Nearest candidates={story.candidates} language={language} />}
          {step === "recommendation" && <GoesWith cards={story.cards} locale={locale} />}
        </div>
        <p class="story-words" key={step}>
          <Words told={{ story, step }} language={language} />
        </p>
        <div class="story-dots">
          {steps.map((one) => (
            <span key={one} data-now={one === step} />
          ))}
        </div>
      </div>
    </section>
  );
}

function Words({ told: { story, step }, language: { strings, locale } }: Props) {
  switch (step) {
    case "picture":
      return (
        <>
          {strings.story.picture} <strong>{story.name}</strong>
        </>
      );
    case "embedding":
      return (
        <>
          {strings.story.numbers(new Intl.NumberFormat(locale).format(story.embedding.length))}
          <small>{strings.story.signs(story.embedding.some((value) => value < 0))}</small>
        </>
      );
    case "nearest":
      return <>{strings.story.nearest}</>;
    case "recommendation":
      return <>{strings.story.recommendation}</>;
  }
}
