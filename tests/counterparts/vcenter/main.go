// Copyright: (c) 2026, the groundwork.readiness contributors
// GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Command vcenter is a vCenter for tests: govmomi's simulator with a seeded estate, faults on request and real privileges.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/google/uuid"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/types"

	_ "github.com/vmware/govmomi/vapi/simulator"
)

type options struct {
	listen, name, username, passwordFile, dir, export string
	vms, level                                        int
	seed                                              int64
	esx, badCertificate, gzip, plain                  bool
	without                                           []string
	faults                                            []fault
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("vcenter", flag.ContinueOnError)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:0", "address and port; port 0 takes a free one")
	flags.StringVar(&o.name, "name", "vc-north.example.com", "name of the vCenter")
	flags.IntVar(&o.vms, "vms", 60, "number of VMs")
	flags.Int64Var(&o.seed, "seed", 1, "number from which the estate is made")
	flags.StringVar(&o.username, "username", "reader@vsphere.local", "user who may log in")
	flags.StringVar(&o.passwordFile, "password-file", "", "file with the password")
	flags.StringVar(&o.dir, "dir", "", "directory for the certificate")
	flags.BoolVar(&o.esx, "esx", false, "be a host that stands alone")
	flags.BoolVar(&o.badCertificate, "bad-certificate", false, "leave a CA in the directory that did not sign the certificate")
	flags.StringVar(&o.export, "export", "", "write an export in RVTools' form into this directory at the start")
	flags.IntVar(&o.level, "statistics-level", 2, "level of the performance history; a new vCenter has 1")
	flags.BoolVar(&o.plain, "plain", false, "have plain VMs alone, which every client can read")
	flags.BoolVar(&o.gzip, "gzip", false, "compress answers for clients that take them so")
	flags.Func("without", "privileges that the user lacks, with commas between", func(value string) error {
		o.without = append(o.without, strings.Split(value, ",")...)
		return nil
	})
	flags.Func("fault", "fault to arm at the start, as name:option=value; can be repeated", func(value string) error {
		f, err := parseFault(value)
		o.faults = append(o.faults, f)
		return err
	})
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	if o.passwordFile == "" || o.dir == "" {
		return o, fmt.Errorf("--password-file and --dir are needed")
	}
	return o, nil
}

// instanceUUID depends on the name and the seed, so that the same vCenter is the same in the next run.
func (o options) instanceUUID() string {
	return uuid.NewSHA1(uuid.NameSpaceDNS, []byte(fmt.Sprint(o.name, o.seed))).String()
}

// inventory makes the objects of the vCenter or the host.
func (o options) inventory() (*simulator.Service, *world) {
	content, folder := vpx.ServiceContent, vpx.RootFolder
	if o.esx {
		content, folder = esx.ServiceContent, esx.RootFolder
	}
	content.About = o.about(content.About)
	ctx := simulator.NewContext()
	ctx, instance := simulator.NewServiceInstance(ctx, content, folder)
	service := simulator.New(ctx, instance)
	w := newWorld(ctx, content, o.name, o.seed)
	if o.esx {
		w.fillHost(o.vms)
	} else {
		settings := ctx.Map.OptionManager()
		settings.Setting = append(settings.Setting,
			&types.OptionValue{Key: "VirtualCenter.FQDN", Value: o.name}, &types.OptionValue{Key: "VirtualCenter.InstanceName", Value: o.name},
			&types.OptionValue{Key: "config.vpxd.stats.maxQueryMetrics", Value: fmt.Sprint(maxQueryMetrics)})
		w.fill(o.vms, o.kinds())
	}
	return service, w
}

// kinds are the archetypes of the VMs. Some clients give up on a VM that is inaccessible, so they can be measured with plain ones.
func (o options) kinds() []archetype {
	if !o.plain {
		return archetypes
	}
	var kinds []archetype
	for _, kind := range archetypes {
		if kind.change == nil && kind.cluster == "" {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (o options) about(about types.AboutInfo) types.AboutInfo {
	about.Version, about.Build, about.ApiVersion, about.LicenseProductVersion = "8.0.3", "24322831", "8.0.3.0", "8.0"
	if o.esx {
		about.Build = "24280767"
	} else {
		about.InstanceUuid = o.instanceUUID()
	}
	about.FullName = fmt.Sprintf("%s %s build-%s", about.Name, about.Version, about.Build)
	return about
}

func run(arguments []string, input io.Reader, output io.Writer) error {
	o, err := parse(arguments)
	if err != nil {
		return err
	}
	password, err := os.ReadFile(o.passwordFile)
	if err != nil {
		return err
	}
	debug.SetGCPercent(400)   // a test lasts seconds: memory is cheaper than time
	log.SetOutput(io.Discard) // the simulator package speaks of each object that was not found
	if err := free(o.listen); err != nil {
		return err
	}
	service, w := o.inventory()
	tlsConfig, ca, err := serverCertificate(o.dir, o.name, o.badCertificate)
	if err != nil {
		return err
	}
	service.Listen = &url.URL{Host: o.listen, User: url.UserPassword(o.username, strings.TrimRight(string(password), "\r\n"))}
	service.TLS = tlsConfig
	service.RegisterEndpoints = true
	book := newFaultBook()
	held := &rights{faults: book, world: w}
	if err := held.deny(o.without); err != nil {
		return err
	}
	w.login = func(user, given string) bool {
		return user == o.username && given == strings.TrimRight(string(password), "\r\n")
	}
	installHooks(w, book, held)
	server := service.NewServer()
	defer server.Close()
	installServices(service, w, held, int32(o.level))
	stopping := make(chan struct{})
	count := newCounters()
	controls := &control{ctx: w.ctx, world: w, faults: book, rights: held, counters: count}
	inner := http.Handler(&automation{next: server.Config.Handler, faults: book})
	if err := w.seedREST(inner, service.Listen); err != nil {
		return err
	}
	server.Config.Handler = &middleware{next: inner, control: controls.handler(), faults: book, counters: count, stopping: stopping, gzip: o.gzip}
	for _, f := range o.faults {
		if _, err := book.arm(f, w.chooseVMs, w.resolve); err != nil {
			return err
		}
	}
	if o.export != "" {
		if err := writeExport(w.ctx, o.export); err != nil {
			return err
		}
	}
	ready := map[string]any{
		"port": server.Listener.Addr().(*net.TCPAddr).Port, "ca_path": ca, "pid": os.Getpid(), "counts": w.counts(), "instance_uuid": w.content.About.InstanceUuid,
	}
	if err := json.NewEncoder(output).Encode(ready); err != nil {
		return err
	}
	waitForEnd(input)
	close(stopping)
	return nil
}

// free tells whether the address can be had: the simulator package would panic.
func free(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	return listener.Close()
}

// waitForEnd returns when the process is told to stop, or when whoever started it is gone and with it the other end of input.
func waitForEnd(input io.Reader) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	closed := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, input)
		close(closed)
	}()
	select {
	case <-signals:
	case <-closed:
	}
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vcenter:", err)
		os.Exit(1)
	}
}
