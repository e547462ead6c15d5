/** The page: its frame, and in it the view that the address names. */

import { followLinks, useAddress } from "./address.js";
import { get, SIGN_IN_NEEDED } from "./api.js";
import { html, render, useEffect, useErrorBoundary, useRef, useState } from "./html.js";
import { addMessages, setUp, t, useLanguage } from "./i18n.js";
import { Failure } from "./parts/failure.js";
import { Header } from "./parts/header.js";
import { Keys } from "./parts/keys.js";
import { Notices } from "./parts/notices.js";
import { SignIn } from "./parts/sign_in.js";

const loaded = new Map();

/** Load a view and its messages; each is asked for once. */
async function load(name) {
  if (!loaded.has(name)) {
    const [view, messages] = await Promise.all([
      import(`./views/${name}.js`),
      import(`./messages/${name}.js`),
    ]);
    addMessages(messages.default);
    loaded.set(name, view.default);
  }
  return loaded.get(name);
}

function useView(name) {
  const [state, setState] = useState({});
  useEffect(() => {
    let isWanted = true;
    load(name).then(
      (View) => isWanted && setState({ name, View }),
      (error) => isWanted && setState({ name, error }),
    );
    return () => {
      isWanted = false;
    };
  }, [name]);
  return state.name === name ? state : { View: loaded.get(name) };
}

/** What the server says of itself; asked again after signing in. */
function useAbout() {
  const [state, setState] = useState({ visit: 0 });
  useEffect(() => {
    get("/about").then(
      (about) => {
        setUp(about);
        setState((before) => ({ visit: before.visit, about }));
      },
      (error) => setState((before) => ({ visit: before.visit, error })),
    );
  }, [state.visit]);
  return { ...state, again: () => setState(({ visit }) => ({ visit: visit + 1 })) };
}

/** A view; what it cannot draw is told of in its place, and the frame stays. */
function Shown({ View, view, about, params }) {
  const [fault] = useErrorBoundary((error) => console.error(error));
  if (fault) return html`<${Broken} view=${view} error=${fault} />`;
  return html`<${View} about=${about} params=${params} />`;
}

function Broken({ view, error }) {
  return html`<h1>${t(`shell.view_${view}`)}</h1>
    <${Failure} error=${error} onAgain=${() => location.reload()} />`;
}

function Page() {
  const { view, params } = useAddress();
  const language = useLanguage();
  const { about, error, visit, again } = useAbout();
  const [mustSignIn, setMustSignIn] = useState(false);
  const { View, error: loadError } = useView(view);
  const main = useRef(null);
  const shown = useRef(view);

  useEffect(() => {
    const ask = () => setMustSignIn(true);
    window.addEventListener(SIGN_IN_NEEDED, ask);
    return () => window.removeEventListener(SIGN_IN_NEEDED, ask);
  }, []);
  useEffect(() => {
    document.title = `${t(`shell.view_${view}`)} · Molva`;
    if (shown.current === view) return;
    shown.current = view;
    // As after a page load: reading goes on at the top of the new view.
    window.scrollTo(0, 0);
    main.current.focus({ preventScroll: true });
  }, [view, language]);

  const signedIn = () => {
    // The form goes, and the focus with it.
    main.current.focus({ preventScroll: true });
    setMustSignIn(false);
    again();
  };
  return html`
    <a class="skip" href="#main">${t("shell.skip")}</a>
    <${Header} view=${view} params=${params} about=${about} onSignedOut=${again} />
    <main id="main" class="main" tabindex="-1" ref=${main}>
      ${mustSignIn
        ? html`<${SignIn} onDone=${signedIn} />`
        : error || loadError
          ? html`<${Broken} view=${view} error=${error ?? loadError} />`
          : about && View
            ? html`<${Shown} key=${`${view} ${visit}`} ...${{ View, view, about, params }} />`
            : html`<h1>${t(`shell.view_${view}`)}</h1>
                <p class="quiet" role="status">${t("shell.loading")}</p>`}
    </main>
    <${Notices} />
    <${Keys} />
  `;
}

followLinks();
const place = document.getElementById("page");
place.replaceChildren();
render(html`<${Page} />`, place);
