import Config
import Linux
import Testing

@Suite("The system's accounts")
struct SystemAccountsTests {
  private let accounts = SystemAccounts.accounts(noting: LookUpFailure())

  @Test("have root, and nobody with an unknown name")
  func names() {
    #expect(accounts.user("root") == 0)
    #expect(accounts.group("root") == 0)
    #expect(accounts.user("no-such-user") == nil)
    #expect(accounts.group("no-such-group") == nil)
    #expect(accounts.user("") == nil)
  }

  @Test("accept numbers as ids, but not one that the kernel takes for no id")
  func numbers() {
    #expect(accounts.user("12345") == 12345)
    #expect(accounts.group("0") == 0)
    #expect(accounts.user("4294967294") == 4_294_967_294)
    for text in ["4294967295", "4294967296", "-1", "+1", "1a", "٣"] { #expect(accounts.user(text) == nil) }
  }
}
