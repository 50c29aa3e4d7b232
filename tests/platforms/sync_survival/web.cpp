#include "tests/platforms/sync_survival/web.hpp"

#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <stdexcept>

namespace ferry::test {

Web::Web(const std::string& url)
    : prefix_(Poco::URI(url).getPath()), session_(Poco::URI(url).getHost(), Poco::URI(url).getPort()) {
  session_.setKeepAlive(true);
  session_.setTimeout(Poco::Timespan(30, 0));
}

Json Web::ask(const std::string& method, const std::string& path, const std::string& body, const std::string& api_key) {
  for (bool again = false;; again = true) {
    try {
      Poco::Net::HTTPRequest request(method, prefix_ + path, Poco::Net::HTTPMessage::HTTP_1_1);
      request.setKeepAlive(true);
      if (!api_key.empty()) request.set("api_key", api_key);
      if (!body.empty() || method != "GET") {
        request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
      }
      session_.sendRequest(request) << body;
      Poco::Net::HTTPResponse response;
      std::string text;
      Poco::StreamCopier::copyToString(session_.receiveResponse(response), text);
      if (response.getStatus() / 100 != 2)
        throw std::runtime_error(method + " " + path + ": " + std::to_string(response.getStatus()) + " " + text);
      return text.empty() ? Json() : Json::parse(text);
    } catch (const Poco::Exception& error) {
      session_.reset();  // the server ends connections that were idle
      if (again) throw std::runtime_error(method + " " + path + ": " + error.displayText());
    }
  }
}

}  // namespace ferry::test
