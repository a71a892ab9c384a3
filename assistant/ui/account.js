// Below the list of conversations: who is signed in, and the way out. A session that has ended leads to the sign-in.
(() => {
  const words = window.batteryWords;
  const { make, button } = window.battery;

  const leave = async () => {
    await battery.send("DELETE", "/api/auth/token");
    location.assign("/sign-in");
  };

  const show = ({ person, can_sign_out: canSignOut }) => {
    if (!canSignOut) return;
    const line = make("div", "account");
    const name = make("span", "person", person.name);
    const sites = person.sites ? person.sites.join(", ") : words.everySite;
    name.title = `${person.role}, ${sites}`;
    name.append(make("small", "", person.role));
    line.append(name, button("leave", words.signOut, leave));
    document.getElementById("history")?.append(line);
  };

  const begin = () => battery.send("GET", "/api/auth/me").then(show, () => {});
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
