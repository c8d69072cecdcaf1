// An adapter process in Go: Istio's unary services, made from nothing but .proto files.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"google.golang.org/grpc"
)

func main() {
	address := flag.String("address", "127.0.0.1:9203", "where to listen: host:port, or unix:/path")
	adapter := flag.String("adapter", "names", "names, or contract (for the contract suite)")
	flag.Parse()

	server := grpc.NewServer()
	switch *adapter {
	case "names":
		registerNames(server)
	case "contract":
		registerContract(server)
	default:
		log.Fatalf("there is no adapter %q", *adapter)
	}
	listener, err := listen(*address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s 1.0.0 at %s\n", *adapter, shown(listener))

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-ended
		server.GracefulStop() // nothing new is taken; what is under way finishes
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

func listen(address string) (net.Listener, error) {
	if path, found := strings.CutPrefix(address, "unix:"); found {
		return net.Listen("unix", path)
	}
	return net.Listen("tcp", address)
}

func shown(listener net.Listener) string {
	if listener.Addr().Network() == "unix" {
		return "unix:" + listener.Addr().String()
	}
	return listener.Addr().String()
}
