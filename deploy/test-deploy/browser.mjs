// What people see, in a real browser, while the services run in containers.
//
//     browser.mjs URL PIN

import { Kiosk, Visit, launchBrowser } from "../../services/ui/page/e2e/browser.mjs";
import { eventually } from "../../services/ui/page/e2e/eventually.mjs";

const [url, pin] = process.argv.slice(2);
/** Once round all scenes, on a slow machine. */
const WITHIN = 180_000;

const browser = await launchBrowser();
try {
  const kiosk = await Kiosk.open(browser, url);
  const look = await kiosk.seesProduct(WITHIN);
  console.log(`recognised: ${look.label}, ${look.cards} cards`);

  const teach = await Visit.open(browser, `${url}teach`);
  await teach.page.locator("input[type=password]").fill(pin);
  await teach.page.keyboard.press("Enter");
  await eventually("the labels on /teach", () => teach.page.getByText("Leather handbag").first().isVisible(), 30_000);

  const status = await Visit.open(browser, `${url}status`);
  await eventually("CPU on /status", () => status.page.getByText("CPU").first().isVisible(), 30_000);

  const own = new URL(url).host;
  for (const visit of [kiosk, teach, status]) {
    if (visit.errors.length > 0) throw new Error(`errors in the page: ${visit.errors.join("; ")}`);
    for (const host of visit.hosts) if (host !== own) throw new Error(`the page asked ${host}`);
  }
} finally {
  await browser.close();
}
